// tier: full, 30 s
// Broken, forged and far too many packets, while somebody is on the telephone.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '../door/lib/person.ts'
import { toneShare } from '../lib/sound.ts'
import { Exchange, phonesIn, phoneTone } from './lib/exchange.ts'
import { together } from './lib/together.ts'

let exchange: Exchange
before(async () => {
  const trunk = { kind: 'address', name: 'carrier', addresses: ['127.0.0.1'] }
  exchange = await Exchange.open({ env: { PARLEY_SIP_TRUNKS: JSON.stringify([trunk]), PARLEY_LOG_LEVEL: 'info' } })
})
after(() => exchange?.close())

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
let state = seed || 1
/** A whole number below a bound, from the seed (xorshift32). */
function below(bound: number): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % bound
}

/** The longest time a tone is not heard, in milliseconds. */
function longestGap(pcm: Int16Array, frequency: number, rate: number): number {
  const block = rate / 50
  let [gap, longest] = [0, 0]
  for (let start = 0; start + block <= pcm.length; start += block) {
    gap = toneShare(pcm.subarray(start, start + block), frequency, rate) > 0.5 ? 0 : gap + 20
    longest = Math.max(longest, gap)
  }
  return longest
}

const request = (method: string, port: number, number: number) =>
  [
    `${method} sip:meet@127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK${number}.${below(2 ** 30)};rport`,
    `From: "Caller" <sip:+34600${number}@127.0.0.1>;tag=${number}`,
    `To: <sip:meet@127.0.0.1:${port}>${method === 'BYE' ? `;tag=${number}` : ''}`,
    `Call-ID: ${number}.${below(2 ** 30)}@hostile`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:x@127.0.0.1:9>',
    'Max-Forwards: 70',
    'Content-Type: application/sdp',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')

/** Cut, swap, repeat, fill and flip. */
function mutated(message: Buffer): Buffer {
  let bytes = Buffer.from(message)
  for (let turn = below(6); turn >= 0; turn--) {
    const at = below(bytes.length || 1)
    const some = bytes.subarray(at, at + below(40))
    const rest = bytes.subarray(at)
    switch (below(5)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + some.length)])
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), some, some, some, rest])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(below(3_000), below(256)), rest])
        break
      case 3:
        bytes[at] = below(256)
        break
      default:
        bytes = Buffer.concat([rest, bytes.subarray(0, at)])
    }
    bytes = bytes.subarray(0, 60_000)
  }
  return bytes
}

/** The messages in the manner of RFC 4475 that the parser's own tests have: what matters here is that a server lives. */
async function torture(): Promise<Buffer[]> {
  const path = join(import.meta.dirname, '../../packages/sip/test/torture.ts')
  assert.match(readFileSync(path, 'utf8'), /RFC 4475/)
  const sections = Object.values((await import(path)) as Record<string, { text: string }[]>)
  return sections.flat().map(({ text }) => Buffer.from(text, 'latin1'))
}

test('torture, mutated and random packets, and floods of strangers cost a live call no gap, and the next call comes in', {
  timeout: 300_000,
}, async (context) => {
  context.diagnostic(`SEED=${seed}`)
  const messages = await torture()
  const { meeting, organizer, voice, phone, seen } = await together(exchange)
  const port = Number(meeting.sip.split(':').at(-1))
  const [trunk, stranger] = [createSocket('udp4'), createSocket('udp4')]
  trunk.bind(0, '127.0.0.1')
  stranger.bind(0, '127.0.0.2')
  await Promise.all([once(trunk, 'listening'), once(stranger, 'listening')])
  const sockets = [0, 1, 2].map((index) =>
    connect({ port, host: '127.0.0.1', localAddress: index === 0 ? '127.0.0.1' : '127.0.0.2' }),
  )
  for (const socket of sockets) socket.on('error', () => {})
  const methods = ['OPTIONS', 'BYE', 'INFO', 'ACK', 'CANCEL', 'REGISTER', 'UPDATE', 'NOTIFY']
  const valid = (number: number) => Buffer.from(request(methods[below(methods.length)]!, port, number))
  const listening = voice.listenTo(seen.identity, 6)
  let isListening = true
  void listening.finally(() => {
    isListening = false
  })
  let sent = 0
  while (isListening) {
    // A trunk that has gone mad, and a stranger who sends as fast as a socket takes it.
    const torment = messages[sent % messages.length]!
    for (const packet of [torment, mutated(torment), mutated(valid(sent))])
      if (packet.length > 0) trunk.send(packet, port, '127.0.0.1')
    for (let burst = 0; burst < 30; burst++) {
      const number = sent * 100 + burst
      const packet = burst % 3 === 0 ? Buffer.from(request('INVITE', port, number)) : mutated(valid(number))
      if (packet.length > 0) stranger.send(packet, port, '127.0.0.1')
    }
    sockets[sent % sockets.length]!.write(mutated(valid(sent)))
    sent += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const gap = longestGap(await listening, phoneTone, voice.rate)
  context.diagnostic(`${sent * 33} packets; longest gap ${gap} ms`)
  assert.ok(gap < 100, `a gap of ${gap} ms in the voice of who was on the telephone`)
  assert.ok(sent > 100)
  trunk.close()
  stranger.close()
  for (const socket of sockets) socket.destroy()
  assert.equal(phone.isOver, false)
  await exchange.call(meeting, { number: '+34911222333' })
  await phonesIn(organizer, 2)
  const { child, output } = exchange.house.server
  assert.equal(child.exitCode, null)
  await until('the flood to be told of', async () => output().stderr.includes('too many SIP packets from one address'))
  assert.doesNotMatch(output().stderr, /"level":[56]0|the telephone side failed/)
})
