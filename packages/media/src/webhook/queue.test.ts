import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { WebhookEvent } from '@livekit/protocol'
import { jwtVerify } from 'jose'
import { silentLog } from '../common/log.ts'
import { Tokens } from '../token/token.ts'
import { WebhookQueue } from './queue.ts'

const secret = 'a secret of enough length for HS256!'

test('events of a room arrive in order, once each, signed, though the receiver fails at first', async (t) => {
  const seen: string[] = []
  let failures = 2
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { payload } = await jwtVerify(request.headers.authorization!, new TextEncoder().encode(secret), { issuer: 'key' })
    assert.equal(payload.sha256, createHash('sha256').update(body).digest('base64'))
    assert.equal(request.headers['content-type'], 'application/webhook+json')
    if (failures-- > 0) return void response.writeHead(503).end()
    seen.push(WebhookEvent.fromJsonString(body.toString()).event)
    response.writeHead(200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const queue = new WebhookQueue([{ url, key: 'key' }], new Tokens({ key: secret }), silentLog)
  t.after(() => {
    queue.close()
    server.close()
  })
  const names = ['room_started', 'participant_joined', 'participant_left', 'room_finished']
  for (const event of names) queue.push('room', new WebhookEvent({ event }))
  await queue.flush(20_000)
  assert.deepEqual(seen, names)
})
