import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Pong, SignalRequest, SignalResponse } from '@livekit/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import { type Log, silentLog } from '../common/log.ts'
import { readGrants } from '../token/grants.ts'
import { ClientSocket, MAX_SIGNAL } from './client-socket.ts'

const grants = readGrants('key', { sub: 'ana', video: { roomJoin: true, room: 'r' } })

/** A real socket, and the server's end of it. */
async function connection(silentMs?: number) {
  const said: string[] = []
  const log: Log = { ...silentLog, warn: (fields) => said.push((fields as { reason: string }).reason) }
  const signals: Uint8Array[] = []
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: MAX_SIGNAL })
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [socket] = (await accepted) as [WebSocket]
  const { promise: ended, resolve: closed } = Promise.withResolvers<boolean>()
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>()
  const signal = (data: Uint8Array): void => {
    signals.push(data)
    hear()
  }
  const end = new ClientSocket(socket, 'r', grants, log, { signal, closed }, silentMs)
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open')
  return { client, socket, said, signals, heard, ended, end, close: () => server.close() }
}

test('a client that never speaks is sent away, and logged once', async () => {
  const { said, ended, close, end } = await connection(30)
  assert.equal(await ended, true)
  assert.deepEqual(said, ['silent for too long'])
  end.send(new Uint8Array(1))
  close()
})

test('too large a message ends the socket, and is logged once', async () => {
  const { client, said, signals, ended, close } = await connection()
  client.on('error', () => {})
  client.send(Buffer.alloc(10_000_000))
  assert.equal(await ended, true)
  assert.equal(said.length, 1)
  assert.match(said[0]!, /payload/i)
  assert.deepEqual(signals, [])
  close()
})

test('a client that speaks JSON is answered in JSON, one that speaks rubbish is sent away and logged once', async () => {
  const { client, said, heard, ended, end, close } = await connection()
  client.send(new SignalRequest({ message: { case: 'ping', value: 5n } }).toJsonString())
  const answer = once(client, 'message')
  await heard
  end.send(new SignalResponse({ message: { case: 'pongResp', value: new Pong({ timestamp: 7n }) } }).toBinary())
  const [text] = (await answer) as [Buffer]
  assert.match(text.toString(), /pongResp/)
  client.send('{"text":')
  client.send('{"more":')
  await ended
  assert.equal(said.length, 1)
  close()
})

test('who closes on purpose is not expected back, who is cut off is', async () => {
  const meant = await connection()
  meant.client.close(1000)
  assert.equal(await meant.ended, false)
  const lost = await connection()
  lost.client.terminate()
  assert.equal(await lost.ended, true)
  const sent = await connection()
  sent.end.close()
  assert.equal(await sent.ended, false)
  for (const { close } of [meant, lost, sent]) close()
})

test('a client that does not read is cut off before it costs a megabyte', async (t) => {
  const { client, said, ended, end, close } = await connection()
  t.after(() => {
    client.terminate()
    close()
  })
  client.pause()
  const message = new SignalResponse({ message: { case: 'pong', value: 1n } }).toBinary()
  const large = Buffer.concat(Array.from({ length: 4_000 }, () => message))
  let isEnded = false
  void ended.then(() => {
    isEnded = true
  })
  for (let most = 0; !isEnded; most++) {
    assert.ok(most < 100_000, 'it is still being sent to')
    end.send(large)
    assert.ok(end.unread < 1_000_000)
    if (most % 20 === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  assert.deepEqual(said, ['does not read what it is sent'])
})

test('a flood of messages is held back, not kept, and nothing of it is lost', async (t) => {
  const { client, socket, signals, close } = await connection()
  t.after(() => {
    client.terminate()
    close()
  })
  for (let i = 0; i < 1_100; i++)
    client.send(new SignalRequest({ message: { case: 'ping', value: BigInt(i + 1) } }).toBinary(), { binary: true })
  while (!socket.isPaused) await new Promise<void>((resolve) => setImmediate(resolve))
  assert.ok(signals.length < 1_100, `${signals.length}`)
  while (signals.length < 1_100) await new Promise<void>((resolve) => setTimeout(resolve, 5))
  const order = signals.map((data) => SignalRequest.fromBinary(data).message.value)
  assert.ok(order.every((value, i) => value === BigInt(i + 1)))
})
