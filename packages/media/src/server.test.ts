import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type JoinResponse, SignalResponse } from '@livekit/protocol'
import { SignJWT } from 'jose'
import { RoomServiceClient } from 'livekit-server-sdk'
import { WebSocket } from 'ws'
import { MediaError } from './common/media-error.ts'
import { MediaServer } from './server.ts'

const secret = 'a secret of enough length for HS256!'
let media: MediaServer
let http: Server
let rooms: RoomServiceClient
let origin = ''

before(async () => {
  media = await MediaServer.start({
    keys: { key: secret },
    udpPort: 0,
    udpHost: '127.0.0.1',
    announcedAddresses: ['127.0.0.1'],
    workers: 1,
  })
  http = createServer((request, response) => {
    if (!media.handleRequest(request, response)) response.writeHead(404).end()
  })
  http.on('upgrade', (request, socket, head) => {
    if (!media.handleUpgrade(request, socket, head)) socket.destroy()
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  origin = `127.0.0.1:${(http.address() as AddressInfo).port}`
  rooms = new RoomServiceClient(`http://${origin}`, 'key', secret)
})
after(async () => {
  await media.close()
  http.close()
  http.closeAllConnections()
})

/** A token of eve's, valid from `second` on, with every right. */
function token(room: string, second = Math.floor(Date.now() / 1000)): Promise<string> {
  return new SignJWT({ video: { roomJoin: true, room, canUpdateOwnMetadata: true }, attributes: { role: 'presenter' } })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('key')
    .setSubject('eve')
    .setNotBefore(second)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))
}

class Client {
  readonly #messages: SignalResponse[] = []
  readonly #socket: WebSocket
  #told: (() => void) | undefined

  constructor(access: string, query = '') {
    this.#socket = new WebSocket(`ws://${origin}/rtc?access_token=${access}${query}`)
    this.#socket.on('error', () => {})
    this.#socket.on('message', (data: Buffer) => {
      this.#messages.push(SignalResponse.fromBinary(data))
      this.#told?.()
    })
  }

  /** The next message of a kind, earlier ones forgotten. */
  async next<K extends SignalResponse['message']['case']>(kind: K) {
    for (;;) {
      for (let message = this.#messages.shift(); message !== undefined; message = this.#messages.shift())
        if (message.message.case === kind)
          return message.message.value as Extract<SignalResponse['message'], { case: K }>['value']
      await new Promise<void>((resolve) => {
        this.#told = resolve
      })
    }
  }

  async close(): Promise<void> {
    this.#socket.close()
    if (this.#socket.readyState !== WebSocket.CLOSED) await once(this.#socket, 'close')
  }
}

const nothing = { canPublish: false, canPublishSources: [], canSubscribe: true, canPublishData: false, canUpdateMetadata: false }
const mayPublish = ({ participant }: JoinResponse): boolean => participant!.permission!.canPublish

test('whoever comes back with an old token has the rights of now, whether they were there at the change or not', async () => {
  const old = await token('back')
  const first = new Client(old)
  assert.equal(mayPublish(await first.next('join')), true)
  await rooms.updateParticipant('back', 'eve', { permission: nothing as never, attributes: { role: 'attendee' } })
  const refreshed = await first.next('refreshToken')
  for (const access of [old, refreshed]) {
    const again = new Client(access)
    const join = await again.next('join')
    assert.equal(mayPublish(join), false)
    assert.equal(join.participant!.permission!.canUpdateMetadata, false)
    assert.equal(join.participant!.attributes.role, 'attendee')
    await again.close()
  }
  await first.close()
  await rooms.deleteRoom('back')
  await assert.rejects(
    rooms.updateParticipant('back', 'eve', { permission: { ...nothing, canPublish: true } as never }),
    /does not exist/,
  )
  const anew = new Client(old)
  assert.equal(mayPublish(await anew.next('join')), true, 'the last word counts')
  await anew.close()
  await assert.rejects(rooms.updateParticipant('elsewhere', 'eve', { permission: nothing as never }), /does not exist/)
  const there = new Client(await token('elsewhere'))
  assert.equal(mayPublish(await there.next('join')), false, 'also of who never was there')
  await there.close()
})

test('a token issued after the change says what counts', async () => {
  const now = Math.floor(Date.now() / 1000)
  await assert.rejects(rooms.updateParticipant('later', 'eve', { permission: nothing as never }), /does not exist/)
  const client = new Client(await token('later', now + 5))
  assert.equal(mayPublish(await client.next('join')), true)
  await client.close()
})

test('own attributes at the connection need the right of now', async () => {
  const access = await token('own')
  const attributes = `&attributes=${Buffer.from('{"role":"organizer"}').toString('base64url')}`
  const client = new Client(access, attributes)
  assert.equal((await client.next('join')).participant!.attributes.role, 'organizer')
  await rooms.updateParticipant('own', 'eve', { permission: nothing as never })
  await client.close()
  const status = await new Promise((resolve) => {
    const socket = new WebSocket(`ws://${origin}/rtc?access_token=${access}${attributes}`)
    socket.on('error', () => {})
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.once('open', () => resolve('let in'))
  })
  assert.equal(status, 401)
})

test('a change that is refused changes nothing later', async () => {
  const access = await token('refused')
  await assert.rejects(rooms.updateParticipant('refused', 'eve', { name: 'x'.repeat(300), permission: nothing as never }))
  const client = new Client(access)
  assert.equal(mayPublish(await client.next('join')), true)
  const large = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`k${i}`, 'x'.repeat(10_000)]))
  await rooms.updateParticipant('refused', 'eve', { attributes: large })
  const more = { permission: nothing as never, attributes: { more: 'x'.repeat(10_000) } }
  await assert.rejects(rooms.updateParticipant('refused', 'eve', more), /attribute size/)
  await client.close()
  const again = new Client(access)
  assert.equal(mayPublish(await again.next('join')), true)
  await again.close()
})

test('a removed person’s tokens are dead, refreshed ones too', async () => {
  const access = await token('removed')
  const client = new Client(access)
  await client.next('join')
  await rooms.removeParticipant('removed', 'eve')
  const response = await fetch(`http://${origin}/rtc/validate?access_token=${access}`)
  assert.equal(response.status, 401)
  await client.close()
})

test('wrong options are refused with a code before anything is started', async () => {
  const good = { keys: { key: secret }, udpPort: 0, udpHost: '127.0.0.1', announcedAddresses: ['127.0.0.1'], workers: 1 }
  const wrong = {
    NoKeys: { keys: {} },
    NoAnnouncedAddresses: { announcedAddresses: [] },
    UnknownWebhookKey: { webhooks: [{ url: 'http://127.0.0.1/', key: 'other' }] },
    WorkersOutOfRange: { workers: 0 },
    PortOutOfRange: { udpPort: 65_535, workers: 2 },
  }
  for (const [code, more] of Object.entries(wrong))
    await assert.rejects(MediaServer.start({ ...good, ...more }), (error) => error instanceof MediaError && error.code === code)
})
