// tier: full, 40 s
// The one door, by telephone.
import assert from 'node:assert/strict'
import { until } from '../door/lib/person.ts'
import { told } from '../lib/prompts.ts'
import { beside, type Exchange, phonesIn } from './lib/exchange.ts'

interface Waiting {
  id: string
  name: string
  phone: boolean
  number: string
  reason: string
}

/** A meeting whose callers wait, and its organizer who sees who does. */
async function guarded(exchange: Exchange, members: Record<string, unknown> = {}) {
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

beside('at the door', { env: { PARLEY_DIALIN_LEADER: '1', PARLEY_OPENING: 'organizer' } }, (scene) => {
  scene("the leader's passcode is renewed and taken away by API; an old one leads nowhere", async (exchange) => {
    const meeting = await exchange.meeting()
    const { graph } = exchange.house
    const path = `/beta/app/onlineMeetings/${meeting.id}`
    const passcode = (answer: { body: Record<string, unknown> }) =>
      (answer.body.audioConferencing as { leaderPasscode: string | null }).leaderPasscode
    const first = passcode(await graph.send('GET', path))
    const second = passcode(await graph.send('POST', `${path}/leaderPasscode`))
    assert.ok(first !== second && /^\d{12}$/.test(second ?? ''))
    assert.equal((await graph.send('DELETE', `${path}/leaderPasscode`)).status, 204)
    assert.equal(passcode(await graph.send('GET', path)), null)
    const phone = await exchange.call(meeting, { number: '+34600000009' }, second!)
    await told(phone, 'passcode-wrong')
  })

  scene(
    'a caller waits in the lobby with number and phone mark, is admitted, removed, and kept out by the number',
    async (exchange) => {
      const { meeting, organizer, lobby } = await guarded(exchange)
      const phone = await exchange.call(meeting)
      const { waiting } = await lobby(1)
      assert.deepEqual(
        waiting.map(({ name, phone, number }) => [name, phone, number]),
        [['+3460011••••', true, '+34600111222']],
      )
      await told(phone, 'waiting-invited')
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

  scene('a caller who is denied is told so, and hung up on', async (exchange) => {
    const { meeting, organizer, lobby } = await guarded(exchange)
    const phone = await exchange.call(meeting)
    const { waiting } = await lobby(1)
    await organizer.post(`/api/room/lobby/${waiting[0]!.id}/deny`)
    await told(phone, 'denied')
    await phone.over()
    assert.equal((await phonesIn(organizer, 0)).length, 0)
  })

  scene('a caller who withholds the number waits without one, and cannot be told from others', async (exchange) => {
    const { meeting, lobby } = await guarded(exchange)
    await exchange.call(meeting, { number: 'anonymous' })
    const { waiting } = await lobby(1)
    assert.deepEqual([waiting[0]!.name, waiting[0]!.number, waiting[0]!.phone], ['Unknown caller', '', true])
  })

  scene('a locked meeting makes callers wait; where the lobby lets telephones by they do not', async (exchange) => {
    const { meeting, organizer, lobby } = await guarded(exchange, { accessLevel: 'locked' })
    const phone = await exchange.call(meeting)
    assert.equal((await lobby(1)).waiting[0]!.reason, 'locked')
    await told(phone, 'waiting-locked')
    await exchange.house.patch(meeting, { accessLevel: 'everyone' })
    await phonesIn(organizer, 1)
  })

  scene(
    'cancelled and expired meetings: the caller hears why and is hung up on, before and during the call',
    async (exchange) => {
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
    },
  )

  scene('a meeting ended for all by its organizer ends for the caller', async (exchange) => {
    const meeting = await exchange.meeting()
    const organizer = await exchange.house.organizer(meeting)
    await organizer.enter()
    const phone = await exchange.call(meeting)
    await phonesIn(organizer, 1)
    await organizer.post('/api/room/end')
    await told(phone, 'ended')
    await phone.over()
  })

  scene("a meeting that waits for its organizer starts when a caller keys the leader's passcode", async (exchange) => {
    const meeting = await exchange.meeting()
    const read = await exchange.house.graph.send('GET', `/beta/app/onlineMeetings/${meeting.id}`)
    const { leaderPasscode } = read.body.audioConferencing as { leaderPasscode: string }
    const early = await exchange.call(meeting, { number: '+34911222333' })
    const guest = await exchange.house.guest(meeting, 'Grace')
    assert.deepEqual([guest.admission?.state, guest.admission?.reason], ['waiting', 'organizerMissing'])
    await told(early, 'waiting-organizer')
    const leader = await exchange.call(meeting, {}, leaderPasscode)
    await guest.hears('admission', ({ state }) => state === 'admitted')
    await Promise.all([told(leader, 'joined'), told(early, 'joined')])
  })

  scene(
    "the leader's passcode makes the caller organizer, who hears of those who wait and lets them in with *3",
    async (exchange) => {
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
})

beside('at the door of a small room that opens on time', { env: { PARLEY_OPENING: '5', PARLEY_CAPACITY: '1' } }, (scene) => {
  scene(
    'callers hear that only people of the organization come in at once, that all places are taken, and both in turn',
    async (exchange) => {
      const { meeting, organizer, lobby } = await guarded(exchange, { accessLevel: 'sameEnterprise' })
      const phone = await exchange.call(meeting)
      await lobby(1)
      await told(phone, 'waiting-organization')
      await exchange.house.patch(meeting, { accessLevel: 'everyone' })
      await told(phone, 'waiting-full')
      assert.equal(phone.isOver, false)
      await organizer.post('/api/door/leave')
      await told(phone, 'joined')
    },
  )

  scene('a caller before the time hears that the meeting has not started', async (exchange) => {
    const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
    const meeting = await exchange.meeting({ startDateTime: inMinutes(60), endDateTime: inMinutes(120) })
    const phone = await exchange.call(meeting, { number: '+34911222333' })
    await told(phone, 'waiting-not-started')
    assert.equal(phone.isOver, false)
  })
})
