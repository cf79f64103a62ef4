import { isIP } from 'node:net'
import { type MediaDescription, parse, type SessionDescription } from 'sdp-transform'
import type { CodecName } from '../trunk/trunk.ts'
import { type CryptoLine, parseCrypto } from './crypto.ts'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** A codec with the payload type it was given. */
export interface OfferedCodec {
  name: CodecName
  payloadType: number
}

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
  codecs: OfferedCodec[]
  telephoneEvent: { payloadType: number; clockRate: number } | undefined
  comfortNoise: number | undefined
  crypto: CryptoLine[]
  ptime: number
}

/** Why a session description cannot be used. */
export class SdpError extends Error {
  readonly code: 'malformed' | 'no-audio' | 'no-codec' | 'srtp-required' | 'srtp-refused'
  constructor(code: SdpError['code'], message: string) {
    super(message)
    this.code = code
  }
}

export interface RemoteSession {
  description: SessionDescription
  audio: RemoteAudio
}

const maxBytes = 16_384
const known = ['RTP/AVP', 'RTP/AVPF', 'RTP/SAVP', 'RTP/SAVPF']

/** Read a session description (RFC 4566) and its first usable audio stream. Throws SdpError. */
export function readSession(body: Buffer): RemoteSession {
  if (body.length > maxBytes) throw new SdpError('malformed', 'session description too long')
  const description = parseSafely(body.toString('utf8'))
  const media = Array.isArray(description.media) ? description.media : []
  const index = media.findIndex((item) => item.type === 'audio' && item.port > 0 && known.includes(item.protocol))
  const item = media[index]
  if (!item) throw new SdpError('no-audio', 'no RTP audio stream is offered')
  return { description, audio: readAudio(description, item, index) }
}

function parseSafely(text: string): SessionDescription {
  if (!/^v=0\r?\n/.test(text)) throw new SdpError('malformed', 'session description does not start with v=0')
  try {
    return parse(text)
  } catch {
    throw new SdpError('malformed', 'session description cannot be read')
  }
}

function readAudio(description: SessionDescription, item: MediaDescription, index: number): RemoteAudio {
  const address = item.connection?.ip ?? description.connection?.ip ?? ''
  if (isIP(address) === 0) throw new SdpError('malformed', 'connection address is missing or not an address')
  if (!Number.isInteger(item.port) || item.port > 65_535) throw new SdpError('malformed', 'audio port')
  const rtcpMux = item.rtcpMux !== undefined
  const onHold = address === '0.0.0.0'
  return {
    index,
    protocol: item.protocol,
    address,
    port: item.port,
    rtcpPort: rtcpMux ? item.port : (validPort(item.rtcp?.port) ?? item.port + 1),
    rtcpMux,
    direction: onHold ? 'inactive' : directionOf(item.direction ?? description.direction),
    ...readPayloads(item),
    crypto: (item.crypto ?? []).map(parseCrypto).filter((line) => line !== undefined),
    ptime: item.ptime !== undefined && item.ptime > 0 ? Number(item.ptime) : 20,
  }
}

const validPort = (port: number | undefined) => (port !== undefined && port > 0 && port < 65_536 ? port : undefined)

function directionOf(text: string | undefined): Direction {
  return text === 'sendonly' || text === 'recvonly' || text === 'inactive' ? text : 'sendrecv'
}

function readPayloads(item: MediaDescription) {
  const maps = new Map(item.rtp.map((map) => [map.payload, map]))
  const codecs: OfferedCodec[] = []
  let telephoneEvent: RemoteAudio['telephoneEvent']
  let comfortNoise: number | undefined
  for (const text of String(item.payloads ?? '').split(' ')) {
    const payloadType = Number(text)
    if (!Number.isInteger(payloadType) || payloadType < 0 || payloadType > 127 || text === '') continue
    const map = maps.get(payloadType)
    const codec = map?.codec.toLowerCase() ?? staticNames[payloadType]
    const rate = map?.rate ?? 8_000
    if (codec === 'pcmu' && rate === 8_000) codecs.push({ name: 'PCMU', payloadType })
    else if (codec === 'pcma' && rate === 8_000) codecs.push({ name: 'PCMA', payloadType })
    else if (codec === 'opus' && rate === 48_000) codecs.push({ name: 'opus', payloadType })
    else if (codec === 'cn' && rate === 8_000) comfortNoise ??= payloadType
    else if (codec === 'telephone-event' && (!telephoneEvent || rate === 8_000)) telephoneEvent = { payloadType, clockRate: rate }
  }
  return { codecs, telephoneEvent, comfortNoise }
}

// Payload types that need no rtpmap (RFC 3551 section 6).
const staticNames: Record<number, string> = { 0: 'pcmu', 8: 'pcma', 13: 'cn' }
