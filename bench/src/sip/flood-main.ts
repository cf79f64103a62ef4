// Throws packets at a dial-in from an address it does not know: random and mutated SIP at its port, RTP at its calls' ports.
import { randomBytes, randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setPriority } from 'node:os'

export interface FloodOrder {
  sipPort: number
  rtpPorts: number[]
  perSecond: number
  seconds: number
}

/** Of 127.0.0.0/8, but not the trunk's. */
const stranger = '127.0.0.2'
const invite = Buffer.from(
  [
    'INVITE sip:meet@127.0.0.1 SIP/2.0',
    'Via: SIP/2.0/UDP 127.0.0.2:5060;rport;branch=z9hG4bKflood',
    'Max-Forwards: 70',
    'From: <sip:flood@127.0.0.2>;tag=f',
    'To: <sip:meet@127.0.0.1>',
    'Call-ID: flood',
    'CSeq: 1 INVITE',
    'Contact: <sip:flood@127.0.0.2>',
    'Content-Type: application/sdp',
    'Content-Length: 90',
    '',
    'v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n',
  ].join('\r\n'),
)

function mutated(packet: Buffer): Buffer {
  const copy = Buffer.from(packet)
  for (let count = randomInt(1, 8); count > 0; count--) copy[randomInt(copy.length)] = randomInt(256)
  return copy
}

function rtp(): Buffer {
  const packet = randomBytes(172)
  packet[0] = 0x80
  packet[1] = 0
  return packet
}

// A flood comes from other machines: it must not take the processor from what it is thrown at.
setPriority(19)
const { sipPort, rtpPorts, perSecond, seconds } = JSON.parse(process.argv[2]!) as FloodOrder
const socket = createSocket('udp4').bind(0, stranger)
await once(socket, 'listening')
// Made before: making them must not slow the throwing.
const toSip = Array.from({ length: 2_000 }, (_, index) =>
  index % 4 === 0 ? randomBytes(randomInt(1, 1_200)) : index % 4 === 1 ? invite : mutated(invite),
)
const toRtp = Array.from({ length: 2_000 }, (_, index) => (index % 2 === 0 ? rtp() : randomBytes(randomInt(1, 1_200))))
let sent = 0
const began = performance.now()
while (performance.now() - began < seconds * 1_000) {
  const due = ((performance.now() - began) / 1_000) * perSecond
  for (; sent < due; sent++) {
    if (sent % 2 === 0) socket.send(toSip[(sent >> 1) % toSip.length]!, sipPort, '127.0.0.1')
    else socket.send(toRtp[(sent >> 1) % toRtp.length]!, rtpPorts[(sent >> 1) % rtpPorts.length]!, '127.0.0.1')
  }
  await new Promise((resolve) => setTimeout(resolve, 1))
}
process.send?.({ sent, seconds: (performance.now() - began) / 1_000 })
process.exit()
