import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { seeded, UdpProxy } from './udp-proxy.ts'
import { until } from './until.ts'

test('the same seed gives the same luck', () => {
  const [a, b] = [seeded(5), seeded(5)]
  const first = Array.from({ length: 50 }, a)
  assert.deepEqual(first, Array.from({ length: 50 }, b))
  assert.ok(first.every((value) => value >= 0 && value < 1))
})

test('datagrams pass both ways, and the share asked for is lost', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1')
  await once(server, 'listening')
  server.on('message', (data, from) => server.send(data, from.port, from.address))
  const proxy = new UdpProxy(3)
  const port = await proxy.start(server.address().port)
  const client = createSocket('udp4').bind(0, '127.0.0.1')
  await once(client, 'listening')
  let echoed = 0
  client.on('message', () => echoed++)
  client.send('hello', port, '127.0.0.1')
  await until('the echo', () => echoed === 1)
  proxy.up.loss = 1
  client.send('lost', port, '127.0.0.1')
  await until('the loss', () => proxy.dropped === 1)
  assert.equal(echoed, 1)
  proxy.up = { rate: 8000, queue: 100 }
  for (let n = 0; n < 5; n++) client.send(Buffer.alloc(100), port, '127.0.0.1')
  await until('a full queue to drop', () => proxy.dropped >= 3)
  proxy.up = { noise: 1 }
  echoed = 0
  client.send('with two forgeries', port, '127.0.0.1')
  await until('all three', () => echoed === 3)
  assert.equal(proxy.forged, 2)
  proxy.cut()
  proxy.up = {}
  client.send('nowhere', port, '127.0.0.1')
  const other = createSocket('udp4').bind(0, '127.0.0.1')
  other.send('from a new port', port, '127.0.0.1')
  await once(other, 'message')
  assert.equal(echoed, 3)
  other.close()
  client.close()
  server.close()
  proxy.close()
})
