// Who may call at all, and what becomes of calls when the server stops.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { House } from '../door/lib/house.ts'
import { until } from '../door/lib/person.ts'
import { told } from '../lib/prompts.ts'
import { Visitor } from '../people/lib/visitor.ts'
import { Exchange, phonesIn } from './lib/exchange.ts'

const options = { timeout: 120_000 }

test('only trunks may call: others are refused, which administrators see', options, async () => {
  const trunk = { kind: 'digest', name: 'pbx', username: 'pbx', password: 'a-long-trunk-password' }
  const exchange = await Exchange.open({ env: { PARLEY_SIP_TRUNKS: JSON.stringify([trunk]) } })
  try {
    const { house } = exchange
    const meeting = await exchange.meeting()
    const stranger = await exchange.phone({ number: '+34699999999', account: ';auth_user=pbx;auth_pass=guessed' })
    stranger.ring(meeting.sip)
    await stranger.over()
    const organizer = await house.organizer(meeting)
    await organizer.enter()
    await exchange.call(meeting, { account: ';auth_user=pbx;auth_pass=a-long-trunk-password' })
    await phonesIn(organizer, 1)
    const administrator = new Visitor(house.server.url)
    const who = house.server.dev.users.find(({ upn }) => upn.startsWith('heidi')) ?? house.server.dev.users[0]!
    await administrator.signIn(who)
    const page = await until('the refusal to be noted', async () => {
      const { text } = await administrator.get('/admin/refusals')
      return text.includes('bad-credentials') && text
    })
    assert.ok(page.includes('+34699999999') && page.includes('127.0.0.1'))
    const { stderr } = house.server.output()
    assert.match(stderr, /call refused/)
    assert.equal(stderr.includes('+34699999999') || stderr.includes('a-long-trunk-password'), false)
  } finally {
    await exchange.close()
  }
})

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
