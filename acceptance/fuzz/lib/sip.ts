import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Target } from './campaign.ts'
import { mutateBytes, mutateText } from './mutate.ts'
import type { Random } from './random.ts'

const sdp = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/SAVP 0 8 111 101'],
  ...[
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 useinbandfec=1',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=sendrecv',
  ],
  ...[
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj',
    'a=ptime:20',
    'a=rtcp-mux',
    'm=video 0 RTP/AVP 96',
    '',
  ],
].join('\r\n')

/** Valid requests of every sort a trunk may send. */
function requests(port: number, own: number, number: number): string[] {
  const uri = `sip:meet@127.0.0.1:${port}`
  const head = (method: string, toTag = '') => [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK${number};rport;received=127.0.0.1`,
    `From: "Fuzz, \\"F\\"" <sip:+34600${number}@127.0.0.1;user=phone>;tag=f${number}`,
    `To: <${uri}>${toTag}`,
    `Call-ID: ${number}@fuzz`,
    `CSeq: ${(number % 1_000) + 1} ${method}`,
    `Contact: <sip:x@127.0.0.1:${own};transport=udp>;expires=60`,
    'Max-Forwards: 70',
  ]
  const message = (lines: string[], body = '', type = '') =>
    [...lines, ...(type === '' ? [] : [`Content-Type: ${type}`]), `Content-Length: ${Buffer.byteLength(body)}`, '', body].join(
      '\r\n',
    )
  const digest =
    'Authorization: Digest username="a", realm="b", nonce="c", uri="sip:d", response="00", algorithm=MD5, qop=auth, nc=00000001, cnonce="e"'
  return [
    message(
      [...head('INVITE'), 'Session-Expires: 90;refresher=uas', 'Supported: timer, 100rel', 'P-Asserted-Identity: <tel:+34600>'],
      sdp,
      'application/sdp',
    ),
    message([...head('INVITE'), 'Require: x', 'Accept: application/sdp'], sdp, 'application/sdp'),
    message(head('OPTIONS')),
    message([...head('REGISTER'), digest]),
    message([...head('ACK', ';tag=t')]),
    message(head('BYE', ';tag=t')),
    message(head('CANCEL')),
    message([...head('INFO', ';tag=t')], 'Signal=5\r\nDuration=160\r\n', 'application/dtmf-relay'),
    message(head('UPDATE', ';tag=t'), sdp, 'application/sdp'),
    message([...head('REFER', ';tag=t'), 'Refer-To: <sip:x@127.0.0.1>', 'Reason: Q.850;cause=16;text="x"']),
    message(['SIP/2.0 200 OK', ...head('INVITE', ';tag=t').slice(1)], sdp, 'application/sdp'),
    message([
      'SIP/2.0 401 Unauthorized',
      ...head('REGISTER').slice(1),
      'WWW-Authenticate: Digest realm="a", nonce="b", qop="auth,auth-int"',
    ]),
  ]
}

/** SIP over UDP from an address that is a trunk's, so that whatever is said is read. */
export async function sipTarget(port: number): Promise<Target & { close(): void }> {
  const socket: Socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const own = socket.address().port
  const pings = new Map<string, () => void>()
  socket.on('message', (data) => {
    const id = /^call-id:\s*(\S+)/im.exec(data.toString('latin1').slice(0, 2_000))?.[1]
    if (id !== undefined) pings.get(id)?.()
  })
  const send = (bytes: Buffer) =>
    new Promise<void>((resolve, reject) => socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())))
  let pinged = 0
  /** Resolves when the server answers an OPTIONS; UDP may lose some, so it is sent again. */
  const ping = async () => {
    const number = 100_000_000 + pinged++
    const request = Buffer.from(requests(port, own, number)[2]!)
    const answered = new Promise<boolean>((resolve) => pings.set(`${number}@fuzz`, () => resolve(true)))
    for (let turn = 0; turn < 40; turn++) {
      await send(request)
      const waited = new Promise<boolean>((resolve) => setTimeout(resolve, 500, false))
      if (await Promise.race([answered, waited])) {
        pings.delete(`${number}@fuzz`)
        return
      }
    }
    assert.fail('the telephone side does not answer OPTIONS')
  }
  const made = (random: Random, index: number): Buffer => {
    const text = random.pick(requests(port, own, index))
    if (random.chance(3)) return mutateBytes(random, Buffer.from(text), 60_000)
    return Buffer.from(mutateText(random, text, random.chance(20) ? 60_000 : 4_000))
  }
  return {
    ...{ name: 'sip', lanes: 1 },
    feed: async (random, index) => {
      await send(made(random, index))
      // A datagram that does not fit the socket's buffer is lost and tries nothing.
      if (index % 100 === 99) await ping()
    },
    isWell: ping,
    close: () => socket.close(),
  }
}
