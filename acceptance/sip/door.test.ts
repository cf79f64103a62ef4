// The one door, by telephone.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { until } from '../door/lib/person.ts'
import { told } from '../lib/prompts.ts'
import { Exchange, phonesIn } from './lib/exchange.ts'

let exchange: Exchange
before(async () => {
  exchange = await Exchange.open({ env: { PARLEY_DIALIN_LEADER: '1' } })
})
afterEach(() => exchange.dismiss())
after(() => exchange?.close())

const options = { timeout: 120_000 }

interface Waiting {
  id: string
  name: string
  phone: boolean
  number: string
  reason: string
}

/** A meeting whose callers wait, and its organizer who sees who does. */
async function guarded(members: Record<string, unknown> = {}) {
  const meeting = await exchange.meeting()
  await exchange.house.patch(meeting, { accessLevel: 'invited', ...members })
  const organizer = await exchange.house.organizer(meeting)
  await organizer.enter()
  const lobby = async (count: number) => {
    const from = organizer.told.length
    return until(`${count} in the lobby`, async () => {
      const { body } = await organizer.send('GET', '/api/room/lobby')
      const waiting = body.waiting as Waiting[]
      return waiting.length === count && { waiting, from }
    })
  }
  return { meeting, organizer, lobby }
}

test(
  'a caller waits in the lobby with number and phone mark, is admitted, removed, and kept out by the number',
  options,
  async () => {
    const { meeting, organizer, lobby } = await guarded()
    const phone = await exchange.call(meeting)
    const { waiting } = await lobby(1)
    assert.deepEqual(
      waiting.map(({ name, phone, number }) => [name, phone, number]),
      [['+3460011••••', true, '+34600111222']],
    )
    await told(phone, 'waiting-lobby')
    assert.equal(phone.isOver, false)
    await organizer.post(`/api/room/lobby/${waiting[0]!.id}/admit`)
    const [seen] = await phonesIn(organizer, 1)
    await told(phone, 'joined')
    assert.equal(
      (await organizer.post(`/api/room/participants/${seen!.identity}/remove`, { mayReturn: false })).status < 300,
      true,
    )
    await told(phone, 'removed')
    await phone.over()
    await phonesIn(organizer, 0)
    const again = await exchange.call(meeting)
    await told(again, 'removed')
    await again.over()
    await lobby(0)
    const other = await exchange.call(meeting, { number: '+34911222333' })
    await lobby(1)
    other.hangUp()
    await lobby(0)
  },
)

test('a caller who is denied is told so, and hung up on', options, async () => {
  const { meeting, organizer, lobby } = await guarded()
  const phone = await exchange.call(meeting)
  const { waiting } = await lobby(1)
  await organizer.post(`/api/room/lobby/${waiting[0]!.id}/deny`)
  await told(phone, 'denied')
  await phone.over()
  assert.equal((await phonesIn(organizer, 0)).length, 0)
})

test('a caller who withholds the number waits without one, and cannot be told from others', options, async () => {
  const { meeting, lobby } = await guarded()
  await exchange.call(meeting, { number: 'anonymous' })
  const { waiting } = await lobby(1)
  assert.deepEqual([waiting[0]!.name, waiting[0]!.number, waiting[0]!.phone], ['Unknown caller', '', true])
})

test('a locked meeting makes callers wait; where the lobby lets telephones by they do not', options, async () => {
  const { meeting, organizer, lobby } = await guarded({ accessLevel: 'locked' })
  await exchange.call(meeting)
  assert.equal((await lobby(1)).waiting[0]!.reason, 'locked')
  await exchange.house.patch(meeting, { accessLevel: 'everyone' })
  await phonesIn(organizer, 1)
})

test('cancelled and expired meetings: the caller hears why and is hung up on, before and during the call', options, async () => {
  const past = () => new Date(Date.now() - 60_000).toISOString()
  for (const [change, phrase] of [
    [{ isCancelled: true }, 'cancelled'],
    [{ expirationDateTime: past() }, 'expired'],
  ] as const) {
    const meeting = await exchange.meeting()
    const organizer = await exchange.house.organizer(meeting)
    await organizer.enter()
    const during = await exchange.call(meeting)
    await phonesIn(organizer, 1)
    await exchange.house.patch(meeting, change)
    await told(during, phrase)
    await during.over()
    const late = await exchange.call(meeting, { number: '+34911222333' })
    await told(late, phrase)
    await late.over()
    await exchange.dismiss()
  }
})

test('a meeting ended for all by its organizer ends for the caller', options, async () => {
  const meeting = await exchange.meeting()
  const organizer = await exchange.house.organizer(meeting)
  await organizer.enter()
  const phone = await exchange.call(meeting)
  await phonesIn(organizer, 1)
  await organizer.post('/api/room/end')
  await told(phone, 'ended')
  await phone.over()
})

test(
  "the leader's passcode makes the caller organizer, who hears of those who wait and lets them in with *3",
  options,
  async () => {
    const meeting = await exchange.meeting()
    await exchange.house.patch(meeting, { accessLevel: 'locked' })
    const read = await exchange.house.graph.send('GET', `/beta/app/onlineMeetings/${meeting.id}`)
    const { leaderPasscode } = (read.body.audioConferencing ?? {}) as { leaderPasscode?: string }
    assert.match(leaderPasscode ?? '', /^\d{12}$/)
    const leader = await exchange.call(meeting, {}, leaderPasscode)
    await told(leader, 'joined')
    const guest = await exchange.house.guest(meeting, 'Grace')
    assert.equal(guest.admission?.state, 'waiting')
    await told(leader, 'someone-waiting')
    leader.press('*3')
    await guest.hears('admission', ({ state }) => state === 'admitted')
    await told(leader, 'all-admitted')
    await guest.enter()
    const [seen] = await phonesIn(guest, 1)
    assert.equal(seen!.attributes.role, 'organizer')
  },
)
