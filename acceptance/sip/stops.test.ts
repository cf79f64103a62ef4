// tier: full, 30 s
// What becomes of calls when the server, or its media, stops.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { House } from '../door/lib/house.ts'
import { until } from '../door/lib/person.ts'
import { childrenOf } from '../lib/processes.ts'
import { told } from '../lib/prompts.ts'
import { ack, hungUpOn, invite, maybe, receive, sipp } from '../lib/sipp.ts'
import { isHeard, toneFile } from '../lib/sound.ts'
import { Exchange, phonesIn, phoneTone } from './lib/exchange.ts'
import { Voice } from './lib/voice.ts'

describe('stops', { concurrency: 2 }, () => {
  test('when the media worker dies callers stay: they are heard, and hear others, once there is another', {
    timeout: 300_000,
  }, async () => {
    const exchange = await Exchange.open()
    try {
      const meeting = await exchange.meeting()
      const [first, second] = await Promise.all([
        exchange.call(meeting),
        exchange.call(meeting, { number: '+34911222333', says: toneFile(500, 240) }),
      ])
      await Promise.all([told(first, 'joined'), told(second, 'joined')])
      const workers = () => childrenOf(exchange.house.server.child.pid!, 'worker-main')
      const [worker, ...others] = workers()
      assert.ok(worker !== undefined && others.length === 0, 'one media worker')
      process.kill(worker, 'SIGKILL')
      await until('another worker', async () => workers().length === 1 && workers()[0] !== worker)
      const guest = await exchange.house.guest(meeting, 'Grace')
      await guest.enter()
      const voice = await Voice.open(guest.room!, 1_300)
      const seen = await phonesIn(guest, 2)
      for (const [name, tone] of [['+3460011••••', phoneTone] as const, ['+3491122••••', 500] as const]) {
        const { identity } = seen.find((each) => each.name === name)!
        await until(`${name} to be heard`, async () => isHeard(await voice.listenTo(identity, 1), tone, voice.rate))
      }
      await Promise.all(
        [first, second].map(async (phone) => {
          const hears = async () => {
            const { pcm, rate } = await phone.listen(1)
            return isHeard(pcm, 1_300, rate)
          }
          await until('the telephone to hear the newcomer', hears)
          assert.equal(phone.isOver, false)
        }),
      )
    } finally {
      await exchange.close()
    }
  })

  test('when the server stops, callers in the room and in the lobby are told, and it remembers nobody; when it is killed the next hangs up', {
    timeout: 300_000,
  }, async () => {
    const exchange = await Exchange.open({ env: { PARLEY_LOG_LEVEL: 'info' } })
    const { server } = exchange.house
    try {
      const meeting = await exchange.meeting()
      const organizer = await exchange.house.organizer(meeting)
      await organizer.enter()
      const inside = await exchange.call(meeting)
      await phonesIn(organizer, 1)
      await exchange.house.patch(meeting, { accessLevel: 'invited' })
      const outside = await exchange.call(meeting, { number: '+34911222333' })
      await Promise.all([told(inside, 'joined'), told(outside, 'waiting-invited')])
      const steps = [invite(), maybe(100), maybe(180), receive(200), ack(), ...hungUpOn('cause=503')]
      const greeted = sipp(meeting.sip, steps)
      await until('three calls', async () => server.output().stderr.split('call answered').length > 3)
      const restarting = server.restart()
      await Promise.all([inside, outside].map((phone) => told(phone, 'lost')))
      await Promise.all([inside.over(), outside.over(), greeted])
      let again = await restarting
      const house = await exchange.house.restarted(again)
      const lobbyOf = async (at: House) => {
        const leader = await at.organizer(meeting)
        const { body } = await leader.send('GET', '/api/room/lobby')
        await leader.stop()
        return body.waiting
      }
      try {
        assert.deepEqual(await lobbyOf(house), [])
        const moved = await new Exchange(house).meeting()
        const phone = await exchange.call({ ...meeting, sip: moved.sip }, { number: '+34911222333' })
        await told(phone, 'waiting-invited')
        await again.kill()
        again = await again.restart()
        await phone.over()
        assert.deepEqual(await lobbyOf(await house.restarted(again)), [])
      } finally {
        await again.stop()
      }
    } finally {
      await exchange.close()
    }
  })
})
