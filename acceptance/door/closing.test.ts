// tier: quick, 8 s, shared
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { House, type TestMeeting } from './lib/house.ts'
import { isDead, type Person } from './lib/person.ts'

let house: House
before(async () => {
  house = await House.shared()
})
after(() => house?.close())

/** One who waits and two who are in, on a meeting that is then closed some way; all must learn why, and be out. */
async function closedBy(
  close: (meeting: TestMeeting, organizer: Person) => Promise<void>,
  reason: string,
  code: string,
): Promise<void> {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  await house.patch(meeting, { accessLevel: 'invited' })
  const waiting = await house.guest(meeting, 'Waits')
  assert.equal(waiting.admission?.state, 'waiting')
  await organizer.enter()
  await guest.enter()
  const out = Promise.all([organizer.sentOut(), guest.sentOut()])
  await close(meeting, organizer)
  for (const person of [organizer, guest, waiting]) {
    const told = await person.hears('admission', ({ state }) => state === 'expired')
    assert.equal(told.reason, reason)
  }
  await out
  assert.ok(await isDead(guest.media!))
  for (const person of [guest, waiting])
    assert.equal((await person.post('/api/door/media-token')).body.error?.code, 'AdmissionEnded')
  const again = await guest.ask(meeting.threadId, 'Grace')
  if (code !== '') assert.equal(again.body.error?.code, code)
  else assert.equal(again.body.admission?.state, 'waiting')
  await house.dismiss()
}

test('cancelled by API during the call: everybody is told why, and is out', () =>
  closedBy((meeting) => house.patch(meeting, { isCancelled: true }), 'cancelled', 'MeetingCancelled'))

test('brought to its expiry by API during the call', () =>
  closedBy(
    (meeting) => house.patch(meeting, { expirationDateTime: new Date(Date.now() - 60_000).toISOString() }),
    'expired',
    'MeetingExpired',
  ))

test('expiring by itself during the call', () =>
  closedBy(
    (meeting) => house.patch(meeting, { expirationDateTime: new Date(Date.now() + 1_500).toISOString() }),
    'expired',
    'MeetingExpired',
  ))

test('deleted by API during the call', () =>
  closedBy(
    async (meeting) => {
      const answer = await house.graph.send('DELETE', `/beta/app/onlineMeetings/${meeting.id}`)
      assert.equal(answer.status, 204, answer.text)
    },
    'deleted',
    'MeetingNotFound',
  ))

test('ended for all by the organizer: out, and the link can be used again', () =>
  closedBy(
    async (_meeting, organizer) => {
      assert.equal((await organizer.post('/api/room/end')).status, 204)
    },
    'ended',
    '',
  ))

test('a cancelled meeting that is taken up again lets people in again', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  await house.patch(meeting, { isCancelled: true })
  assert.equal((await house.person().ask(meeting.threadId, 'Grace')).body.error?.code, 'MeetingCancelled')
  await house.patch(meeting, { isCancelled: false })
  assert.equal((await house.person().ask(meeting.threadId, 'Grace')).body.admission?.state, 'admitted')
})
