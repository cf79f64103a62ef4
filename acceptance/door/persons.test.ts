// tier: quick, 20 s
// What is decided of somebody is decided of the person, not of one tab: roles, removals, and rights of old media tokens.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AttendanceReader } from './lib/attendance.ts'
import { House } from './lib/house.ts'
import { until } from './lib/person.ts'
import { SignalPeer, tracksGiven } from './lib/signal.ts'

let house: House
before(async () => {
  house = await House.open()
})
after(() => house?.close())

test('who was made attendee is attendee in every tab, and after coming again; what was given is kept the same way', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const first = await house.member(1)
  assert.equal((await first.ask(meeting.threadId, '')).body.admission?.role, 'presenter')
  const second = await house.member(1)
  await second.ask(meeting.threadId, '')
  await second.listen()
  const role = (identity: string, role: string) => organizer.post(`/api/room/participants/${identity}/role`, { role })
  assert.equal((await role(first.identity, 'attendee')).status, 200)
  await second.hears('admission', (data) => data.role === 'attendee')
  const third = await house.member(1)
  const again = await third.ask(meeting.threadId, '')
  assert.deepEqual([again.body.admission?.role, again.body.meeting?.you.canModerate], ['attendee', false])
  assert.equal((await third.post('/api/room/mute-all')).body.error?.code, 'NotAllowed')
  assert.equal((await third.post(`/api/room/participants/${first.identity}/role`, { role: 'presenter' })).status, 403)
  await third.post('/api/door/leave')
  assert.equal((await third.ask(meeting.threadId, '')).body.admission?.role, 'attendee')

  assert.equal((await role(third.identity, 'coorganizer')).status, 200)
  assert.equal((await (await house.member(1)).ask(meeting.threadId, '')).body.admission?.role, 'coorganizer')
  const guest = await house.guest(meeting, 'Grace')
  assert.equal((await role(guest.identity, 'presenter')).status, 200)
  await guest.post('/api/door/leave')
  assert.equal((await guest.ask(meeting.threadId, 'Grace')).body.admission?.role, 'presenter')
  assert.equal((await house.person().ask(meeting.threadId, 'Grace')).body.admission?.role, 'attendee', 'another browser')
  assert.equal((await role(organizer.identity, 'attendee')).body.error?.code, 'NotAllowed')
  await house.dismiss()
})

test('a colleague who was removed does not come back by not signing in', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const colleague = await house.member(1)
  await colleague.ask(meeting.threadId, '')
  await organizer.post(`/api/room/participants/${colleague.identity}/remove`, { mayReturn: false })
  await organizer.hears('meeting', ({ guestsWait }) => guestsWait === true)
  const nameless = await house.person().ask(meeting.threadId, 'Nobody')
  assert.deepEqual([nameless.body.admission?.state, nameless.body.admission?.reason], ['waiting', 'guestRemoved'])
  assert.equal((await organizer.post('/api/room/unlock')).status, 200)
  assert.equal((await house.person().ask(meeting.threadId, 'Nobody')).body.admission?.state, 'admitted')
  assert.equal((await (await house.member(1)).ask(meeting.threadId, '')).body.admission?.state, 'denied')
  await house.dismiss()
})

test('an old media token brings no rights back', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  const old = guest.media!
  assert.deepEqual(await tracksGiven(old), { microphone: true, camera: true, share: true })
  const nothing = { allowMicrophone: false, allowCamera: false, allowShare: false, allowReactions: false }
  assert.equal((await organizer.send('PATCH', '/api/room/policy', nothing)).status, 200)
  await until('the rights to be taken', async () => {
    const peer = new SignalPeer(old)
    const { participant } = await peer.joined
    if (participant!.permission!.canPublish)
      await peer.hears((message) =>
        message.case === 'update' && message.value.participants.some(({ permission }) => permission?.canPublish === false)
          ? true
          : undefined,
      )
    peer.leave()
    return true
  })
  await house.dismiss()
})

test('an end for everybody ends the call at once: who comes then begins another', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  await organizer.enter()
  const guest = await house.guest(meeting, 'Grace')
  await guest.enter()
  assert.equal((await organizer.post('/api/room/end')).status, 204)
  assert.equal((await guest.hears('admission', ({ state }) => state === 'expired')).reason, 'ended')
  const reader = await AttendanceReader.of(house, meeting)
  assert.equal((await reader.reports()).length, 1)
  assert.equal((await guest.ask(meeting.threadId, 'Grace')).body.admission?.state, 'admitted')
  await guest.enter()
  await guest.room!.disconnect()
  await until('a second report', async () => (await reader.reports()).length === 2)
  await house.dismiss()
})
