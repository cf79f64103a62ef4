import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { nobody, TestTenant } from '../../../test/test-tenant.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { DoorError } from './door-error.ts'

let house: TestTenant
afterEach(() => house.close())

const guest = (meeting: Meeting, sender: string, device: string) =>
  house.door.ask({ meeting, way: 'link', name: 'Guest', lang: 'en', proof: nobody, sender, device })

const statesOf = (meeting: Meeting) => house.store.listAll(meeting.id)

test('one address does not fill a meeting: those who are not there give way to others', async () => {
  house = await TestTenant.open({ capacity: 20 })
  const meeting = await house.meeting()
  for (let index = 0; index < 60; index++) await guest(meeting, 'greedy', `device ${index}`)
  const colleague = await house.ask(meeting, house.colleague)
  assert.equal(colleague.admission.state, 'admitted')
  for (let index = 0; index < 9; index++)
    assert.equal((await guest(meeting, `s${index}`, `d${index}`)).admission.state, 'admitted')
  const all = await statesOf(meeting)
  assert.equal(all.filter(({ state }) => state === 'admitted').length, 20)
  assert.ok(all.some(({ state, reason }) => state === 'expired' && reason === 'full'))
})

test('tabs of one browser, and devices of one person, take one place', async () => {
  house = await TestTenant.open({ capacity: 3 })
  const meeting = await house.meeting()
  for (let tab = 0; tab < 5; tab++) assert.equal((await guest(meeting, 'a', 'one')).admission.state, 'admitted')
  for (const device of ['x', 'y', 'z'])
    assert.equal((await house.ask(meeting, house.colleague, { device })).admission.state, 'admitted')
  assert.equal((await guest(meeting, 'b', 'two')).admission.state, 'admitted')
  assert.equal((await guest(meeting, 'c', 'three')).admission.reason, 'full')
  assert.equal((await guest(meeting, 'a', 'one')).admission.state, 'admitted', 'who has a place needs no other')
})

test('whoever has been let in and does not come for a minute gives way, also to somebody who waits', async () => {
  house = await TestTenant.open({ capacity: 1 })
  const meeting = await house.meeting()
  const first = await guest(meeting, 'a', 'one')
  const second = await guest(meeting, 'b', 'two')
  assert.equal(second.admission.reason, 'full')
  house.clock.at += 61_000
  await house.door.reconsider(meeting.id)
  const states = [first, second].map(async ({ admission }) => (await house.store.find(admission.id))!.admission.state)
  assert.deepEqual(await Promise.all(states), ['expired', 'admitted'])
})

test('a browser waits once; a lobby full from one address has room for others; who is known waits beside', async () => {
  house = await TestTenant.open()
  const meeting = await house.meeting({ accessLevel: 'locked' })
  const [older, newer] = [await guest(meeting, 'me', 'mine'), await guest(meeting, 'me', 'mine')]
  assert.equal((await house.store.find(older.admission.id))!.admission.state, 'left')
  for (let index = 0; index < 299; index++) await guest(meeting, 'greedy', `device ${index}`)
  await assert.rejects(guest(meeting, 'greedy', 'more'), (error) => error instanceof DoorError && error.code === 'LobbyFull')
  const other = await guest(meeting, 'other', 'other')
  assert.equal(other.admission.state, 'waiting')
  assert.equal((await house.ask(meeting, house.colleague)).admission.state, 'waiting')
  const waiting = await house.store.list(meeting.id, ['waiting'])
  assert.equal(waiting.length, 301)
  assert.ok(waiting.some(({ id }) => id === newer.admission.id))
})
