// tier: release, 30 s, alone
// tier: release, 30 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DisconnectReason } from '@livekit/protocol'
import { mediaSuite, modes, roomName } from './harness/suite.ts'
import { until } from './harness/until.ts'

const suite = mediaSuite()

for (const { mode, single } of modes) {
  test(`the one who speaks is marked, and not when silent, ${mode}`, async () => {
    const [ana, ben, eva] = await suite.lab.join(roomName(), ['ana', 'ben', 'eva'], { single })
    await ben!.call('tone', 0)
    await ana!.call('tone', 0.9)
    const speaks = await eva!.event('activeSpeakersChanged', (event) => [event.value].flat().includes('ana'))
    assert.equal([speaks.value].flat().includes('ben'), false)
    await eva!.sees('ana', (person) => person.speaking && person.audioLevel > 0)
    await ana!.event('activeSpeakersChanged', (event) => [event.value].flat().includes('ana'))
    await ana!.call('setTone', 0)
    await eva!.sees('ana', (person) => !person.speaking)
    await ben!.call('setTone', 0.9)
    await eva!.sees('ben', (person) => person.speaking)
  })

  test(`connection quality is told, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    await ana!.call('camera')
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
    await ben!.sees('ana', (person) => person.quality === 'excellent' || person.quality === 'good', 90_000)
    await until('ben to know its own', async () => ['excellent', 'good'].includes((await ben!.call('me')).quality), 90_000)
  })

  test(`the same identity again puts the first one out, ${mode}`, async () => {
    const room = roomName()
    const [first] = await suite.lab.join(room, ['ana'], { single })
    const [ben] = await suite.lab.join(room, ['ben'], { single })
    const [second] = await suite.lab.join(room, ['ana'], { single })
    const left = await first!.event('disconnected')
    assert.equal(left.value, DisconnectReason.DUPLICATE_IDENTITY)
    await second!.call('camera')
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
    assert.equal((await ben!.call('people')).length, 1)
  })

  test(`being removed and the room's end give their reasons, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
    await suite.server.rooms.removeParticipant(room, 'ana')
    assert.equal((await ana!.event('disconnected')).value, DisconnectReason.PARTICIPANT_REMOVED)
    await ben!.event('participantDisconnected', (event) => event.identity === 'ana')
    await suite.server.rooms.deleteRoom(room)
    assert.equal((await ben!.event('disconnected')).value, DisconnectReason.ROOM_DELETED)
  })

  test(`leaving is CLIENT_INITIATED, and closing the page is noticed, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben, eva] = await suite.lab.join(room, ['ana', 'ben', 'eva'], { single })
    await ana!.call('leave')
    assert.equal((await ana!.event('disconnected')).value, DisconnectReason.CLIENT_INITIATED)
    const left = await suite.hooks.next(room, 'participant_left', 'ana')
    assert.equal(left.participant?.disconnectReason, DisconnectReason.CLIENT_INITIATED)
    await eva!.event('participantDisconnected', (event) => event.identity === 'ana')
    await ben!.page.close({ runBeforeUnload: false })
    await eva!.event('participantDisconnected', (event) => event.identity === 'ben', 0, 90_000)
  })
}
