import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import fastify from 'fastify'
import { TestClock } from '../../../test/test-tenant.ts'
import type { RoomsContext } from './rooms-context.ts'
import { webhookRoute } from './webhook.ts'

test('a report that does not verify is refused with one line a minute that says so', async (t) => {
  const lines: string[] = []
  const stream = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line))
      done()
    },
  })
  const app = fastify({ logger: { level: 'warn', stream } })
  t.after(() => app.close())
  const clock = new TestClock()
  const rooms = { link: { key: 'key', secret: 'secret' } }
  await webhookRoute(app, { rooms, clock } as unknown as RoomsContext)
  const post = () => app.inject({ method: 'POST', url: '/livekit/webhook', headers: { authorization: 'x' }, payload: '{}' })
  for (let sent = 0; sent < 3; sent++) assert.equal((await post()).statusCode, 401)
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /do the keys differ/)
  clock.at += 61_000
  await post()
  assert.equal(lines.length, 2)
})
