// tier: release, 15 s, alone
// tier: release, 15 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  DisconnectReason,
  dispose,
  LocalAudioTrack,
  LocalVideoTrack,
  type RemoteTrack,
  type Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
  VideoStream,
} from '@livekit/rtc-node'
import { joinHeadless } from './harness/headless.ts'
import { mediaSuite, roomName } from './harness/suite.ts'
import { until } from './harness/until.ts'

const suite = mediaSuite()
after(() => dispose())

/** Send a 440 Hz tone until told to stop. */
async function sing(room: Room): Promise<() => Promise<void>> {
  const source = new AudioSource(48_000, 1)
  const track = LocalAudioTrack.createAudioTrack('voice', source)
  const options = new TrackPublishOptions()
  options.source = TrackSource.SOURCE_MICROPHONE
  await room.localParticipant!.publishTrack(track, options)
  let on = true
  const singing = (async () => {
    for (let at = 0; on; at += 480) {
      const samples = Int16Array.from({ length: 480 }, (_, n) => 12_000 * Math.sin((2 * Math.PI * 440 * (at + n)) / 48_000))
      await source.captureFrame(new AudioFrame(samples, 48_000, 1, 480))
    }
  })()
  return async () => {
    on = false
    await singing
  }
}

/** Send a grey picture at 10 frames a second until told to stop. */
async function show(room: Room): Promise<() => void> {
  const source = new VideoSource(320, 180)
  const track = LocalVideoTrack.createVideoTrack('picture', source)
  const options = new TrackPublishOptions()
  options.source = TrackSource.SOURCE_CAMERA
  await room.localParticipant!.publishTrack(track, options)
  let n = 0
  const timer = setInterval(() => {
    const data = new Uint8Array(320 * 180 * 4).fill(n++ & 0xff)
    source.captureFrame(new VideoFrame(data, 320, 180, VideoBufferType.RGBA))
  }, 100)
  return () => clearInterval(timer)
}

const subscribed = (room: Room, kind: TrackKind) =>
  until('a track', () => {
    for (const person of room.remoteParticipants.values()) {
      for (const publication of person.trackPublications.values()) {
        if (publication.kind === kind && publication.track) return publication.track as RemoteTrack
      }
    }
    return undefined
  })

test('a headless client and a browser see and hear each other', async () => {
  const name = roomName()
  const client = await joinHeadless(suite.server, 'phone', name)
  const quiet = await sing(client)
  const dark = await show(client)
  const [ana] = await suite.lab.join(name, ['ana'])
  await ana!.hears((await ana!.track('phone', 'microphone')).sid)
  await ana!.watches((await ana!.track('phone', 'camera')).sid)
  await ana!.call('tone', 0.8)
  await ana!.call('camera')
  let loudest = 0
  for await (const frame of new AudioStream((await subscribed(client, TrackKind.KIND_AUDIO)) as RemoteTrack)) {
    loudest = Math.max(loudest, ...frame.data)
    if (loudest > 1000) break
  }
  let frames = 0
  for await (const _ of new VideoStream((await subscribed(client, TrackKind.KIND_VIDEO)) as RemoteTrack)) {
    if (++frames === 10) break
  }
  await quiet()
  dark()
  await client.disconnect()
  await ana!.event('participantDisconnected', (event) => event.identity === 'phone')
})

test('headless clients exchange data, text and RPC with a browser', async () => {
  const name = roomName()
  const client = await joinHeadless(suite.server, 'bot', name)
  const [ana] = await suite.lab.join(name, ['ana'])
  const got: string[] = []
  client.on(RoomEvent.DataReceived, (payload) => got.push(new TextDecoder().decode(payload)))
  client.registerTextStreamHandler('chat', async (reader) => {
    got.push(await reader.readAll())
  })
  client.localParticipant!.registerRpcMethod('twice', async ({ payload }) => payload + payload)
  await until('the bot to see ana', () => client.remoteParticipants.has('ana'))
  await ana!.sees('bot')
  await ana!.call('send', 'data', true)
  await ana!.call('sendText', 'text', 'chat')
  await until('both to arrive', () => got.includes('data') && got.includes('text'))
  assert.equal(await ana!.call('rpc', 'bot', 'twice', 'la'), 'lala')
  await ana!.call('answerRpc', 'shout')
  const answer = await client.localParticipant!.performRpc({ destinationIdentity: 'ana', method: 'shout', payload: 'hey' })
  assert.equal(answer, 'bot:HEY')
  await client.localParticipant!.publishData(new TextEncoder().encode('back'), { reliable: true })
  await ana!.event('dataReceived', (event) => [event.value].flat()[0] === 'back')
  await client.localParticipant!.setAttributes({ state: 'listening' })
  await ana!.sees('bot', (person) => person.attributes.state === 'listening')
  await client.disconnect()
})

test('a headless client is put out with the reason', async () => {
  const name = roomName()
  const client = await joinHeadless(suite.server, 'bot', name)
  const left = new Promise((resolve) => client.once(RoomEvent.Disconnected, resolve))
  await suite.server.rooms.removeParticipant(name, 'bot')
  assert.equal(await left, DisconnectReason.PARTICIPANT_REMOVED)
})

test('headless clients that come and publish at once all get every picture', { timeout: 300_000 }, async () => {
  const name = roomName()
  const ends: (() => unknown)[] = []
  const clients = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (identity) => {
      const client = await joinHeadless(suite.server, identity, name)
      ends.push(await show(client))
      return client
    }),
  )
  for (const client of clients)
    await until(`${client.localParticipant!.identity} to have the pictures of four others`, () => {
      const publications = [...client.remoteParticipants.values()].flatMap((person) => [...person.trackPublications.values()])
      return publications.filter(({ track }) => track).length === 4
    })
  for (const end of ends) await end()
  await Promise.all(clients.map((client) => client.disconnect()))
})
