// tier: quick, 8 s, shared
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { House } from './lib/house.ts'
import { isDead, opens, until } from './lib/person.ts'

let house: House
before(async () => {
  house = await House.shared()
})
after(() => house?.close())

test('somebody removed does not come back: not by the old token, the old socket, the old admission, another tab or another name', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const mallory = await house.guest(meeting, 'Mallory')
  // A second tab of the same browser, in as well.
  const tab = house.person()
  for (const [name, value] of mallory.cookies) tab.cookies.set(name, value)
  await tab.ask(meeting.threadId, 'Also Mallory')
  await tab.listen()
  await mallory.enter()
  await tab.enter()
  await organizer.enter()
  assert.ok(await opens(mallory.media!))
  const [out, tabOut] = [mallory.sentOut(), tab.sentOut()]

  const removed = await organizer.post(`/api/room/participants/${mallory.identity}/remove`, { mayReturn: false })
  assert.equal(removed.status, 204)
  await Promise.all([out, tabOut])
  assert.equal((await mallory.hears('admission', ({ state }) => state === 'removed')).reason, 'removed')
  await tab.hears('admission', ({ state }) => state === 'removed')

  assert.ok(await isDead(mallory.media!), 'the old token is dead at the media server')
  assert.equal((await mallory.post('/api/door/media-token')).body.error?.code, 'AdmissionEnded')
  assert.equal((await mallory.me()).body.admission?.state, 'removed')
  for (const name of ['Mallory', 'Somebody Else']) {
    const again = await mallory.ask(meeting.threadId, name)
    assert.deepEqual(
      [again.body.admission?.state, again.body.admission?.reason, again.body.media],
      ['denied', 'removed', undefined],
    )
  }
  const byCode = await mallory.post('/api/door/ask', { code: { meetingId: meeting.code }, name: 'By code' })
  assert.equal(byCode.body.admission?.state, 'denied')
  await until('nobody but the organizer to be in the room', async () => organizer.room!.remoteParticipants.size === 0)
  await house.dismiss()
})

test('after a guest was removed, whoever proves nothing waits for a person: cleared cookies are no way around', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const bystander = await house.guest(meeting, 'Grace')
  const mallory = await house.guest(meeting, 'Mallory')
  await organizer.post(`/api/room/participants/${mallory.identity}/remove`, { mayReturn: false })
  await organizer.hears('meeting', ({ guestsWait }) => guestsWait === true)
  for (const name of ['Mallory', 'Somebody Else']) {
    const cleared = await house.guest(meeting, name)
    assert.deepEqual([cleared.admission?.state, cleared.admission?.reason], ['waiting', 'guestRemoved'])
    assert.equal((await cleared.post('/api/door/media-token')).body.error?.code, 'NotAdmitted')
  }
  const byCode = house.person()
  const answer = await byCode.post('/api/door/ask', { code: { meetingId: meeting.code }, name: 'By code' })
  assert.equal(answer.body.admission?.reason, 'guestRemoved')
  const { waiting } = (await organizer.hears('lobby', (data) => (data.waiting as unknown[]).length === 3)) as {
    waiting: { id: string; reason: string }[]
  }
  assert.deepEqual(new Set(waiting.map(({ reason }) => reason)), new Set(['guestRemoved']))
  assert.equal((await organizer.post(`/api/room/lobby/${waiting[0]!.id}/admit`)).status, 200)
  assert.equal((await bystander.me()).body.admission?.state, 'admitted', 'who is in stays in')
  const colleague = await house.member(1)
  assert.equal((await colleague.ask(meeting.threadId, '')).body.admission?.state, 'admitted', 'who proves who they are enters')

  assert.equal((await organizer.post('/api/room/unlock')).status, 200)
  assert.equal((await house.person().ask(meeting.threadId, 'Late')).body.admission?.state, 'admitted')
  assert.equal((await mallory.ask(meeting.threadId, 'Mallory')).body.admission?.state, 'denied', 'the known browser stays out')
  await house.dismiss()
})

test('a person who is signed in is kept out in every browser of theirs', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const colleague = await house.member(1)
  await colleague.ask(meeting.threadId, '')
  await organizer.post(`/api/room/participants/${colleague.identity}/remove`, { mayReturn: false })
  const elsewhere = await house.member(1)
  const { body } = await elsewhere.ask(meeting.threadId, '')
  assert.deepEqual([body.admission?.state, body.admission?.reason], ['denied', 'removed'])
  await house.dismiss()
})

test('somebody removed who may return asks again', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  await organizer.post(`/api/room/participants/${guest.identity}/remove`, { mayReturn: true })
  assert.equal((await guest.post('/api/door/media-token')).body.error?.code, 'AdmissionEnded')
  assert.equal((await guest.ask(meeting.threadId, 'Grace')).body.admission?.state, 'admitted')
  await house.dismiss()
})

test('who has left has no token left', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const guest = await house.guest(meeting, 'Grace')
  assert.ok(await opens(guest.media!))
  await guest.post('/api/door/leave')
  assert.ok(await isDead(guest.media!))
  await house.dismiss()
})

test('nobody lays a hand on the organizer but an organizer', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const colleague = await house.member(1)
  const { body } = await colleague.ask(meeting.threadId, '')
  assert.equal(body.admission?.role, 'presenter')
  for (const what of ['remove', 'mute', 'stop-share'])
    assert.equal(
      (await colleague.post(`/api/room/participants/${organizer.identity}/${what}`)).body.error?.code,
      'NotAllowed',
      what,
    )
  assert.equal((await colleague.post(`/api/room/participants/${organizer.identity}/role`, { role: 'attendee' })).status, 403)
  assert.equal((await colleague.post('/api/room/end')).status, 403)
  await house.dismiss()
})
