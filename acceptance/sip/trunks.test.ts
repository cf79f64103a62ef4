// Who may call at all.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../door/lib/person.ts'
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
