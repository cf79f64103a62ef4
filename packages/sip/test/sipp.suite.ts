// tier: quick, 10 s
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { ScriptedDoor, ScriptedEntry } from '../example/scripted-door.ts'
import { createSipServer } from '../src/index.ts'
import { DialIn, Prompts } from '../src/ivr/index.ts'
import { ack, awaitRequest, bye, invite, key, maybe, pause, receive, sending, sipp } from './sipp.ts'
import { loopback, needs, Studio, Tally } from './tools.ts'

// SIPp plays scripted callers: what it expects and does not get makes it fail.

before(() => needs('sipp'))

const answered = [maybe(100), maybe(180), receive(200), ack()]

describe('SIPp', { concurrency: 4 }, () => {
  for (const [transport, args] of [
    ['UDP', ['-t', 'u1']],
    ['TCP', ['-t', 't1']],
  ] as const) {
    test(`call, keys by INFO, OPTIONS and hang-up over ${transport}`, async () => {
      const studio = await Studio.start()
      const port = studio.server.port(transport === 'UDP' ? 'udp' : 'tcp')!
      const options = `${sending('OPTIONS', { cseq: 5 })}${receive(200)}`
      await sipp(port, [invite(), ...answered, key('4', 2), key('*', 3), key('#', 4), options, bye(6)], [...args])
      assert.deepEqual(studio.digits.items, ['4 info', '* info', '# info'])
      assert.deepEqual(await studio.ended.until((items) => items.length > 0, 'the end'), ['caller-hung-up'])
      await studio.stop()
    })
  }

  test('CANCEL before the answer', async () => {
    const studio = await Studio.start()
    studio.onCall = (call) => call.ring()
    const cancel = sending('CANCEL', { cseq: 1, toTag: false, branch: '[branch-3]' })
    await sipp(studio.server.port('udp')!, [
      invite(),
      maybe(100),
      receive(180),
      cancel,
      receive(200),
      receive(487),
      sending('ACK', { cseq: 1, branch: '[branch-6]' }),
    ])
    assert.deepEqual(studio.ended.items, ['caller-cancelled'])
    await studio.stop()
  })

  test('session timers: 422 with a minimum, then a call', async () => {
    const studio = await Studio.start()
    const steps = [
      invite(['Supported: timer', 'Session-Expires: 30']),
      maybe(100),
      '<recv response="422"><action><ereg regexp="90" search_in="hdr" header="Min-SE:" check_it="true" assign_to="1"/></action></recv><Reference variables="1"/>',
      sending('ACK', { cseq: 1, branch: '[branch-3]' }),
      invite(['Supported: timer', 'Session-Expires: 120;refresher=uac'], 2),
      maybe(100),
      '<recv response="200"><action><ereg regexp="120;refresher=uac" search_in="hdr" header="Session-Expires:" check_it="true" assign_to="2"/></action></recv><Reference variables="2"/>',
      ack(2),
      `${sending('UPDATE', { cseq: 3, headers: ['Supported: timer', 'Session-Expires: 120;refresher=uac'] })}${receive(200)}`,
      bye(4),
    ]
    await sipp(studio.server.port('udp')!, steps)
    assert.deepEqual(studio.refused.items, ['session-interval'])
    await studio.stop()
  })

  test('digest', async () => {
    const trunk = { kind: 'digest', name: 'pbx', username: 'pbx', password: 'correct-horse' } as const
    const studio = await Studio.start({ trunks: [trunk] })
    const steps = (password: string, end: string[]) => [
      invite(),
      maybe(100),
      receive(401, 'auth="true"'),
      sending('ACK', { cseq: 1, branch: '[branch-3]' }),
      invite([`[authentication username=pbx password=${password}]`], 2),
      maybe(100),
      ...end,
    ]
    const port = studio.server.port('udp')!
    const refused = [receive(403), sending('ACK', { cseq: 2, branch: '[branch-3]' })]
    // Left to itself SIPp puts a URI without the number dialled into its credentials.
    const uri = ['-auth_uri', `100@127.0.0.1:${port}`]
    await sipp(port, steps('correct-horse', [receive(200), ack(2), bye(3)]), uri)
    await sipp(port, steps('battery-staple', refused), uri)
    await sipp(port, steps('correct-horse', refused), ['-auth_uri', `200@127.0.0.1:${port}`])
    assert.deepEqual(studio.refused.items, ['bad-credentials', 'bad-credentials'])
    await studio.stop()
  })

  test('a stranger is refused', async () => {
    const studio = await Studio.start({ trunks: [{ ...loopback, addresses: ['192.0.2.1'] }] })
    await sipp(studio.server.port('udp')!, [
      invite(),
      maybe(100),
      receive(403),
      sending('ACK', { cseq: 1, branch: '[branch-3]' }),
    ])
    assert.deepEqual(studio.refused.items, ['unknown-source'])
    await studio.stop()
  })

  test('passcodes: three wrong ones, then the server hangs up; a right one leads to the lobby and away from it', async () => {
    const prompts = await Prompts.load()
    const entries = new Tally<ScriptedEntry>()
    const door = new ScriptedDoor({ 12: (attempt) => new ScriptedEntry(attempt).push({ state: 'waiting', why: 'lobby' }) }, 2)
    door.onEntry = (entry) => {
      entries.add(entry)
      entry.push({ state: 'closed', reason: 'denied' })
    }
    const dialIn = await DialIn.open({
      door,
      prompts,
      languageOf: () => 'en',
      connect: () => Promise.reject(new Error('no room here')),
    })
    const server = await createSipServer({ listen: { address: '127.0.0.1', udp: 0 }, trunks: [loopback], onCall: dialIn.take })
    const guess = (digits: string, cseq: number) => [...digits].map((digit, index) => key(digit, cseq + index))
    const wrong = [...guess('77', 2), pause(200), ...guess('78', 4), pause(200), ...guess('79', 6)]
    await Promise.all([
      sipp(server.port('udp')!, [invite(), ...answered, ...wrong, awaitRequest('BYE')]),
      sipp(server.port('udp')!, [invite(), ...answered, ...guess('12', 2), awaitRequest('BYE')]),
    ])
    assert.deepEqual(door.attempts.toSorted(), ['12', '77', '78', '79'])
    assert.deepEqual(entries.items[0]?.done, ['leave'])
    await server.close()
  })
})
