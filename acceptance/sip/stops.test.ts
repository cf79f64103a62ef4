// What becomes of calls when the server stops.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { House } from '../door/lib/house.ts'
import { told } from '../lib/prompts.ts'
import { Exchange, phonesIn } from './lib/exchange.ts'

test('when the server stops, callers in the room and in the lobby are told, and it remembers nobody; also when it is killed', {
  timeout: 180_000,
}, async () => {
  const exchange = await Exchange.open()
  const { server } = exchange.house
  try {
    const meeting = await exchange.meeting()
    const organizer = await exchange.house.organizer(meeting)
    await organizer.enter()
    const inside = await exchange.call(meeting)
    await phonesIn(organizer, 1)
    await told(inside, 'joined')
    await exchange.house.patch(meeting, { accessLevel: 'invited' })
    const outside = await exchange.call(meeting, { number: '+34911222333' })
    await told(outside, 'waiting-lobby')
    const restarting = server.restart()
    await Promise.all([inside, outside].map((phone) => told(phone, 'lost')))
    await Promise.all([inside.over(), outside.over()])
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
      await told(phone, 'waiting-lobby')
      await again.kill()
      again = await again.restart()
      assert.deepEqual(await lobbyOf(await house.restarted(again)), [])
    } finally {
      await again.stop()
    }
  } finally {
    await exchange.close()
  }
})
