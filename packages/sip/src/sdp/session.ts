import { isIP } from 'node:net'
import type { Direction, NumberedCodec } from '../media/agreed-media.ts'
import { type CryptoLine, parseCrypto } from './crypto.ts'
import { attributeOf, type Description, type MediaSection, readDescription } from './description.ts'
import { SdpError } from './sdp-error.ts'

/** The audio stream of a session description, read and checked. */
export interface RemoteAudio {
  /** Which m-line it is. */
  index: number
  protocol: string
  address: string
  port: number
  rtcpPort: number
  rtcpMux: boolean
  direction: Direction
  codecs: NumberedCodec[]
  telephoneEvent: { payloadType: number; clockRate: number } | undefined
  comfortNoise: number | undefined
  crypto: CryptoLine[]
}

export interface RemoteSession {
  description: Description
  audio: RemoteAudio
}

const known = ['RTP/AVP', 'RTP/AVPF', 'RTP/SAVP', 'RTP/SAVPF']

/** Read a session description (RFC 4566) and its first usable audio stream. Throws SdpError. */
export function readSession(body: Buffer): RemoteSession {
  const description = readDescription(body)
  const index = description.media.findIndex(
    ({ type, port, protocol }) => type === 'audio' && port > 0 && known.includes(protocol),
  )
  const section = description.media[index]
  if (!section) throw new SdpError('no-audio', 'no RTP audio stream is offered')
  return { description, audio: readAudio(description, section, index) }
}

function readAudio(description: Description, section: MediaSection, index: number): RemoteAudio {
  const address = section.connection ?? description.connection ?? ''
  if (isIP(address) === 0) throw new SdpError('malformed', 'connection address is missing or not an address')
  const { protocol, port } = section
  const rtcpMux = attributeOf(section, 'rtcp-mux') !== undefined
  const onHold = address === '0.0.0.0'
  return {
    index,
    protocol,
    address,
    port,
    rtcpPort: rtcpMux ? port : (readPort(attributeOf(section, 'rtcp')) ?? port + 1),
    rtcpMux,
    direction: onHold ? 'inactive' : (directionOf(section) ?? directionOf(description) ?? 'sendrecv'),
    ...readPayloads(section),
    crypto: section.attributes.flatMap(([name, value]) => (name === 'crypto' ? (parseCrypto(value) ?? []) : [])),
  }
}

/** The port of an `a=rtcp` line (RFC 3605). */
function readPort(value = ''): number | undefined {
  const port = Number(value.split(' ', 1)[0])
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
}

const directions: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] satisfies Direction[]

function directionOf({ attributes }: Description | MediaSection): Direction | undefined {
  return attributes.findLast(([name]) => directions.includes(name))?.[0] as Direction | undefined
}

function readPayloads(section: MediaSection) {
  const maps = readMaps(section)
  const codecs: NumberedCodec[] = []
  let telephoneEvent: RemoteAudio['telephoneEvent']
  let comfortNoise: number | undefined
  for (const text of section.formats) {
    const payloadType = payloadTypeOf(text)
    if (payloadType === undefined) continue
    const [name, rate] = maps.get(payloadType) ?? [staticNames.get(payloadType), 8_000]
    if (name === 'pcmu' && rate === 8_000) codecs.push({ name: 'PCMU', payloadType })
    else if (name === 'pcma' && rate === 8_000) codecs.push({ name: 'PCMA', payloadType })
    else if (name === 'opus' && rate === 48_000) codecs.push({ name: 'opus', payloadType })
    else if (name === 'cn' && rate === 8_000) comfortNoise ??= payloadType
    else if (name === 'telephone-event' && (!telephoneEvent || rate === 8_000)) telephoneEvent = { payloadType, clockRate: rate }
  }
  return { codecs, telephoneEvent, comfortNoise }
}

/** Name and clock rate by payload type, as `a=rtpmap` lines say. */
function readMaps({ attributes }: MediaSection): Map<number, [name: string, rate: number]> {
  const maps = new Map<number, [string, number]>()
  for (const [attribute, value] of attributes) {
    if (attribute !== 'rtpmap') continue
    const [number = '', encoding = ''] = value.split(' ', 2)
    const [name = '', rate] = encoding.split('/', 2)
    const payloadType = payloadTypeOf(number)
    if (payloadType !== undefined) maps.set(payloadType, [name.toLowerCase(), Number(rate ?? 8_000)])
  }
  return maps
}

function payloadTypeOf(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= 127 ? Number(text) : undefined
}

// Payload types that need no rtpmap (RFC 3551 section 6).
const staticNames = new Map([
  [0, 'pcmu'],
  [8, 'pcma'],
  [13, 'cn'],
])
