import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  AddTrackRequest,
  CreateRoomRequest,
  DeleteRoomRequest,
  LeaveRequest_Action,
  ListRoomsResponse,
  ParticipantInfo_State,
  SessionDescription,
  SignalRequest,
  SignalResponse,
  TrackSource,
  TrackType,
  UpdateParticipantMetadata,
  WebhookEvent,
} from '@livekit/protocol'
import fc from 'fast-check'
import { createCertificate } from '../peer/certificate.ts'
import type { JoinInit } from '../room/join-init.ts'
import { readGrants } from '../token/grants.ts'
import type { FromWorker } from './wire.ts'
import { Worker } from './worker.ts'

let worker: Worker
let told: FromWorker[] = []

before(async () => {
  const settings = {
    certificate: createCertificate(),
    udpHost: '127.0.0.1',
    udpPort: 0,
    announcedAddresses: ['203.0.113.7', '2001:db8::7'],
    iceServers: [{ urls: ['turn:turn.example.org'], username: 'u', credential: 'c' }],
    remoteUnmute: false,
    subscriptionPermissions: true,
  }
  worker = await Worker.start(settings, (message) => told.push(message))
})
after(() => worker.handle({ kind: 'stop' }))

let count = 0
/** Somebody in a room; no media is ever connected. */
function join(room: string, identity: string, video: Record<string, unknown> = {}, about: Partial<JoinInit> = {}): string {
  const session = `s${count++}`
  const init: JoinInit = {
    grants: readGrants('key', { sub: identity, video: { roomJoin: true, room, ...video } }),
    singleConnection: false,
    autoSubscribe: true,
    reconnect: false,
    subscriberAllowPause: true,
    clientProtocol: 0,
    publisherOffer: undefined,
    addTracks: [],
    ...about,
  }
  worker.handle({ kind: 'join', session, room, init })
  return session
}

const send = (session: string, message: NonNullable<ConstructorParameters<typeof SignalRequest>[0]>['message']) =>
  worker.handle({ kind: 'signal', session, data: new SignalRequest({ message: message! }).toBinary() })

function answers(session: string): SignalResponse[] {
  return told.flatMap((message) =>
    message.kind === 'signal' && message.session === session ? [SignalResponse.fromBinary(message.data)] : [],
  )
}

const events = (room: string) =>
  told.flatMap((message) =>
    message.kind === 'event' && message.room === room ? [WebhookEvent.fromBinary(message.body).event] : [],
  )

test('who joins is welcomed, told who is there, and announced to the others', () => {
  const ana = join('welcome', 'ana')
  const ben = join('welcome', 'ben')
  const [first, second] = answers(ben)
  assert.equal(first!.message.case, 'join')
  assert.deepEqual(first!.message.case === 'join' && first!.message.value.otherParticipants.map(({ identity }) => identity), [
    'ana',
  ])
  assert.equal(second!.message.case, 'update')
  const updates = answers(ana).flatMap(({ message }) => (message.case === 'update' ? message.value.participants : []))
  assert.ok(updates.some(({ identity }) => identity === 'ben'))
  assert.deepEqual(events('welcome').slice(0, 1), ['room_started'])
})

test('clients are told the announced addresses, one port, and the TURN server of the settings', () => {
  const session = join('addresses', 'ana')
  const [first] = answers(session)
  assert.ok(first?.message.case === 'join')
  assert.deepEqual(
    first.message.value.iceServers.map(({ urls, username, credential }) => [urls, username, credential]),
    [[['turn:turn.example.org'], 'u', 'c']],
  )
  const offer = answers(session).find(({ message }) => message.case === 'offer')!.message
  assert.ok(offer.case === 'offer')
  const candidates = [...offer.value.sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gim)]
  assert.deepEqual([...new Set(candidates.map(([, address]) => address))], ['203.0.113.7', '2001:db8::7'])
  assert.deepEqual([...new Set(candidates.map(([, , port]) => port))], [String(worker.transport.udpPort)])
})

test('the same identity again puts the first one out', () => {
  const first = join('twice', 'ana')
  join('twice', 'ana')
  const leave = answers(first).at(-1)!
  assert.equal(leave.message.case === 'leave' && leave.message.value.reason, 2)
  assert.ok(told.some((message) => message.kind === 'end' && message.session === first))
})

test('who wants to resume is told at once to begin anew, and the others see it come back', () => {
  const ben = join('resume', 'ben')
  join('resume', 'ana')
  const again = join('resume', 'ana', {}, { reconnect: true })
  const [leave] = answers(again)
  assert.ok(leave?.message.case === 'leave')
  assert.equal(leave.message.value.action, LeaveRequest_Action.RECONNECT)
  assert.ok(told.some((message) => message.kind === 'end' && message.session === again && !message.returns))
  const anew = join('resume', 'ana')
  assert.equal(answers(anew)[0]!.message.case, 'join')
  const states = answers(ben).flatMap(({ message }) => (message.case === 'update' ? message.value.participants : []))
  const ofAna = states.filter(({ identity }) => identity === 'ana').map(({ state }) => state)
  assert.deepEqual([ofAna.includes(ParticipantInfo_State.DISCONNECTED), ofAna.at(-1)], [true, ParticipantInfo_State.JOINED])
})

test('a hidden participant is not announced', () => {
  const ana = join('hidden', 'ana')
  join('hidden', 'ghost', { hidden: true })
  const seen = answers(ana).flatMap(({ message }) => (message.case === 'update' ? message.value.participants : []))
  assert.equal(
    seen.some(({ identity }) => identity === 'ghost'),
    false,
  )
})

test('a track the grants do not allow is not taken', () => {
  const ana = join('sources', 'ana', { canPublishSources: ['microphone'] })
  const add = (cid: string, source: TrackSource, type: TrackType) =>
    send(ana, { case: 'addTrack', value: new AddTrackRequest({ cid, source, type }) })
  add('camera', TrackSource.CAMERA, TrackType.VIDEO)
  add('voice', TrackSource.MICROPHONE, TrackType.AUDIO)
  const taken = answers(ana).flatMap(({ message }) => (message.case === 'trackPublished' ? [message.value.cid] : []))
  assert.deepEqual(taken, ['voice'])
})

test('own metadata needs the grant for it', () => {
  const ana = join('metadata', 'ana')
  send(ana, { case: 'updateMetadata', value: new UpdateParticipantMetadata({ metadata: 'x', requestId: 5 }) })
  const answer = answers(ana).find(({ message }) => message.case === 'requestResponse')!
  assert.equal(answer.message.case === 'requestResponse' && answer.message.value.reason, 2)
})

test('rooms are made, listed and deleted', () => {
  worker.handle({
    kind: 'call',
    id: 1,
    method: 'CreateRoom',
    room: 'made',
    body: new CreateRoomRequest({ name: 'made', maxParticipants: 1 }).toBinary(),
  })
  worker.handle({ kind: 'call', id: 2, method: 'ListRooms', room: '', body: new Uint8Array() })
  const reply = told.find((message) => message.kind === 'reply' && message.id === 2)
  assert.ok(reply?.kind === 'reply' && ListRoomsResponse.fromBinary(reply.body).rooms.some(({ name }) => name === 'made'))
  join('made', 'ana')
  const full = join('made', 'ben')
  assert.equal(answers(full)[0]!.message.case, 'leave')
  const body = new DeleteRoomRequest({ room: 'made' }).toBinary()
  worker.handle({ kind: 'call', id: 3, method: 'DeleteRoom', room: 'made', body })
  worker.handle({ kind: 'call', id: 4, method: 'DeleteRoom', room: 'made', body })
  assert.ok(told.some((message) => message.kind === 'failure' && message.id === 4 && message.code === 'not_found'))
  assert.deepEqual([events('made')[0], events('made').at(-1)], ['room_started', 'room_finished'])
})

test('whatever a client sends, it is logged at most once and disturbs nobody', () => {
  const bystander = join('fuzz', 'bystander')
  const sdp = fc.oneof(
    fc.string(),
    fc.constantFrom('v=0\r\nm=audio 9 X 1\r\na=mid:0\r\n', 'v=0\r\nm=video 0 X\r\na=mid:0\r\na=inactive\r\n'),
  )
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    sdp.map((text) =>
      new SignalRequest({ message: { case: 'offer', value: new SessionDescription({ type: 'offer', sdp: text }) } }).toBinary(),
    ),
    sdp.map((text) =>
      new SignalRequest({
        message: { case: 'answer', value: new SessionDescription({ type: 'answer', sdp: text, id: 1 }) },
      }).toBinary(),
    ),
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18), fc.uint8Array({ maxLength: 100 }))
      .map(([field, bytes]) =>
        Buffer.concat([
          Buffer.from([field < 16 ? field * 8 + 2 : 0x82 + (field - 16) * 8, ...(field < 16 ? [] : [1]), bytes.length]),
          bytes,
        ]),
      ),
  )
  fc.assert(
    fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
      told = []
      const eve = join('fuzz', 'eve')
      for (const data of messages) worker.handle({ kind: 'signal', session: eve, data })
      assert.ok(told.filter(({ kind }) => kind === 'log').length <= 1)
      assert.equal(
        told.some((item) => item.kind === 'end' && item.session === bystander),
        false,
      )
    }),
    { numRuns: 150 },
  )
})
