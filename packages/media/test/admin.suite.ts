// tier: full, 30 s, alone
// tier: release, 30 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccessToken, DataPacket_Kind, ParticipantInfo_State, TrackType, TwirpError } from 'livekit-server-sdk'
import { target } from './harness/server.ts'
import { mediaSuite, modes, roomName } from './harness/suite.ts'
import { until } from './harness/until.ts'

const suite = mediaSuite()
/** Refused as not there. Of a room without participants livekit-server says `unavailable`, when its bus has timed out. */
const missing = (error: unknown) => {
  assert.ok(error instanceof TwirpError, String(error))
  assert.ok(error.code === 'not_found' || (target === 'livekit' && error.code === 'unavailable'), String(error.code))
  return true
}

test('rooms are created, listed, described and deleted', async () => {
  const name = roomName()
  const { rooms } = suite.server
  const room = await rooms.createRoom({ name, metadata: 'm', emptyTimeout: 120, departureTimeout: 30, maxParticipants: 5 })
  assert.match(room.sid, /^RM_/)
  assert.equal(room.name, name)
  assert.equal(room.metadata, 'm')
  assert.equal(room.emptyTimeout, 120)
  assert.equal(room.departureTimeout, 30)
  assert.equal(room.maxParticipants, 5)
  assert.ok(room.creationTime > 0n)
  assert.equal(room.numParticipants, 0)
  assert.equal((await rooms.createRoom({ name })).sid, room.sid, 'creating again gives the same room')
  assert.deepEqual(
    (await rooms.listRooms([name])).map((entry) => entry.sid),
    [room.sid],
  )
  assert.ok((await rooms.listRooms()).some((entry) => entry.name === name))
  assert.deepEqual(await rooms.listRooms([`${name}-none`]), [])
  const changed = await rooms.updateRoomMetadata(name, 'm2')
  assert.equal(changed.metadata, 'm2')
  assert.equal((await rooms.listRooms([name]))[0]!.metadata, 'm2')
  assert.deepEqual(await rooms.listParticipants(name), [])
  await rooms.deleteRoom(name)
  assert.deepEqual(await rooms.listRooms([name]), [])
})

test('what is not there is not_found', async () => {
  const { rooms } = suite.server
  const name = roomName('none')
  await assert.rejects(rooms.deleteRoom(name), missing)
  await assert.rejects(rooms.updateRoomMetadata(name, 'x'), missing)
  await assert.rejects(rooms.getParticipant(name, 'nobody'), missing)
  await assert.rejects(rooms.removeParticipant(name, 'nobody'), missing)
  await rooms.createRoom({ name })
  await assert.rejects(rooms.getParticipant(name, 'nobody'), missing)
  await assert.rejects(rooms.removeParticipant(name, 'nobody'), missing)
  await assert.rejects(rooms.updateParticipant(name, 'nobody', { metadata: 'x' }), missing)
  await assert.rejects(rooms.mutePublishedTrack(name, 'nobody', 'TR_x', true), missing)
})

/** POST to the room service by hand; returns status and Twirp code. */
async function post(method: string, body: unknown, authorization?: string) {
  const response = await fetch(`${suite.server.httpUrl}/twirp/livekit.RoomService/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const answer = (await response.json().catch(() => ({}))) as { code?: string }
  return [response.status, answer.code]
}

async function bearer(grants: Parameters<AccessToken['addGrant']>[0]) {
  const access = new AccessToken(suite.server.keys.key, suite.server.keys.secret, { identity: 'admin', ttl: 600 })
  access.addGrant(grants)
  return `Bearer ${await access.toJwt()}`
}

test('the room service is closed without the right grant', async () => {
  const room = roomName()
  await suite.server.rooms.createRoom({ name: room })
  const unauthenticated = [401, 'unauthenticated']
  assert.deepEqual(await post('ListRooms', {}), unauthenticated)
  assert.deepEqual(await post('ListRooms', {}, await bearer({ roomAdmin: true, room })), unauthenticated)
  assert.deepEqual(await post('CreateRoom', { name: 'x' }, await bearer({ roomList: true })), unauthenticated)
  assert.deepEqual(await post('DeleteRoom', { room }, await bearer({ roomList: true })), unauthenticated)
  assert.deepEqual(await post('ListParticipants', { room }, await bearer({ roomAdmin: true, room: 'another' })), unauthenticated)
  assert.deepEqual(await post('ListParticipants', { room }, await bearer({ roomJoin: true, room })), unauthenticated)
  assert.equal((await post('ListParticipants', { room }, await bearer({ roomAdmin: true, room })))[0], 200)
  const [status] = await post('ListRooms', {}, 'Bearer rubbish')
  assert.equal(status, 401)
})

test('requests that make no sense are refused in Twirp form', async () => {
  const admin = await bearer({ roomCreate: true, roomList: true })
  assert.deepEqual(await post('ListRooms', '{', admin), [400, 'malformed'])
  assert.deepEqual(await post('NoSuchMethod', {}, admin), [404, 'bad_route'])
  const get = await fetch(`${suite.server.httpUrl}/twirp/livekit.RoomService/ListRooms`)
  assert.equal(get.status, 404)
})

for (const { mode, single } of modes) {
  test(`participants are listed with their tracks, ${mode}`, async () => {
    const room = roomName()
    const [ana] = await suite.lab.join(room, ['ana', 'ben'], { single })
    const sid = await ana!.call('camera')
    await ana!.call('microphone')
    const { rooms } = suite.server
    const listed = await rooms.listParticipants(room)
    assert.deepEqual(listed.map((entry) => entry.identity).sort(), ['ana', 'ben'])
    const info = await until('ana to be active', async () => {
      const now = await rooms.getParticipant(room, 'ana')
      return now.state === ParticipantInfo_State.ACTIVE && now.tracks.length === 2 ? now : undefined
    })
    assert.equal(info.isPublisher, true)
    assert.ok(info.joinedAt > 0n)
    const camera = info.tracks.find((track) => track.sid === sid)!
    assert.equal(camera.type, TrackType.VIDEO)
    assert.equal(camera.width, 640)
    assert.equal(camera.height, 360)
    assert.equal(camera.simulcast, true)
    await until('the list of rooms to count them', async () => {
      const [entry] = await rooms.listRooms([room])
      return entry!.numParticipants === 2 && entry!.numPublishers === 1
    })
  })

  test(`muting from the server mutes at the publisher, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
    const sid = await ana!.call('microphone')
    await ben!.hears((await ben!.track('ana', 'microphone')).sid)
    const info = await suite.server.rooms.mutePublishedTrack(room, 'ana', sid, true)
    assert.equal(info.muted, true)
    await ana!.event('trackMuted', (event) => event.sid === sid)
    await ben!.event('trackMuted', (event) => event.sid === sid)
    await suite.server.rooms.mutePublishedTrack(room, 'ana', sid, false)
    await ben!.event('trackUnmuted', (event) => event.sid === sid)
  })

  test(`permissions taken away unpublish, given back allow again, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
    const sid = await ana!.call('camera')
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
    const { rooms } = suite.server
    const watchOnly = { canPublish: false, canSubscribe: true, canPublishData: false }
    const info = await rooms.updateParticipant(room, 'ana', { permission: watchOnly })
    assert.equal(info.permission?.canPublish, false)
    await ana!.event('participantPermissionsChanged', (event) => event.identity === 'ana')
    await ben!.event('trackUnpublished', (event) => event.sid === sid)
    await until('ana to know', async () => !(await ana!.call('me')).canPublish)
    await assert.rejects(ana!.call('camera'), /permission/i)
    await rooms.updateParticipant(room, 'ana', { permission: { canPublish: true, canSubscribe: true, canPublishData: true } })
    await until('ana to know again', async () => (await ana!.call('me')).canPublish)
    await ana!.call('camera')
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
  })

  test(`taking canSubscribe away stops what one sees, giving it back resumes, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
    const sid = await ana!.call('camera')
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
    const permission = { canPublish: true, canSubscribe: false, canPublishData: true }
    await suite.server.rooms.updateParticipant(room, 'ben', { permission })
    await ben!.event('trackUnsubscribed', (event) => event.sid === sid)
    await suite.server.rooms.updateParticipant(room, 'ben', { permission: { ...permission, canSubscribe: true } })
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
  })

  test(`name, metadata and attributes set by the server reach everybody, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
    const change = { name: 'Host', metadata: 'meta', attributes: { role: 'host' } }
    const info = await suite.server.rooms.updateParticipant(room, 'ana', change)
    assert.equal(info.name, 'Host')
    const fits = (person: { name: string; metadata: string; attributes: Record<string, string> }) =>
      person.name === 'Host' && person.metadata === 'meta' && person.attributes.role === 'host'
    await ben!.sees('ana', fits)
    await until('ana to know', async () => fits(await ana!.call('me')))
    await suite.server.rooms.updateRoomMetadata(room, '{"locked":true}')
    await ben!.event('roomMetadataChanged', (event) => event.value === '{"locked":true}')
    const [late] = await suite.lab.join(room, ['late'], { single })
    assert.equal(await late!.call('roomMetadata'), '{"locked":true}')
  })

  test(`the server takes people off tracks and subscribes them again, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
    const sid = await ana!.call('camera')
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
    await suite.server.rooms.updateSubscriptions(room, 'ben', [sid], false)
    await ben!.event('trackUnsubscribed', (event) => event.sid === sid)
    await suite.server.rooms.updateSubscriptions(room, 'ben', [sid], true)
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
  })

  test(`data from the server arrives, to all and to one, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
    const { rooms } = suite.server
    const bytes = (text: string) => new TextEncoder().encode(text)
    await rooms.sendData(room, bytes('for ben'), DataPacket_Kind.RELIABLE, { destinationIdentities: ['ben'], topic: 'server' })
    await rooms.sendData(room, bytes('for all'), DataPacket_Kind.RELIABLE, { topic: 'server' })
    const heard = async (person: typeof ana) =>
      (await person!.call('events')).filter((event) => event.type === 'dataReceived').map((event) => [event.value].flat()[0])
    await ana!.event('dataReceived', (event) => [event.value].flat()[0] === 'for all')
    await ben!.event('dataReceived', (event) => [event.value].flat()[0] === 'for all')
    assert.deepEqual(await heard(ana), ['for all'])
    assert.deepEqual(await heard(ben), ['for ben', 'for all'])
  })

  test(`a full room takes nobody else, ${mode}`, async () => {
    const room = roomName()
    await suite.server.rooms.createRoom({ name: room, maxParticipants: 1 })
    await suite.lab.join(room, ['ana'], { single })
    const ben = await suite.lab.person('ben')
    await assert.rejects(ben.enter(room, { single }))
  })
}
