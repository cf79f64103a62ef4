import { isIPv6 } from 'node:net'
import type { AgreedMedia, Direction, NumberedCodec } from '../media/agreed-media.ts'
import type { CodecName } from '../media/codec.ts'
import { type CryptoLine, formatCrypto, newCrypto } from './crypto.ts'
import { SdpError } from './sdp-error.ts'
import type { RemoteAudio, RemoteSession } from './session.ts'

/** Whether calls are encrypted: never, when the peer offers it, or not taken otherwise. */
export type SrtpPolicy = 'off' | 'optional' | 'required'

/** What this side can and wants to do. */
export interface LocalMedia {
  address: string
  port: number
  codecs: readonly CodecName[]
  srtp: SrtpPolicy
  /** Stable over a call, with a version that grows with every description sent (RFC 3264 section 8). */
  sessionId: string
  version: number
  /** Our key of an earlier answer, kept as long as the suite stays. */
  key?: CryptoLine | undefined
}

const encodings: Record<CodecName, string> = { PCMU: 'PCMU/8000', PCMA: 'PCMA/8000', opus: 'opus/48000/2' }
const staticTypes: Record<CodecName, number> = { PCMU: 0, PCMA: 8, opus: 111 }

const opusParameters = 'useinbandfec=1;stereo=0;maxplaybackrate=16000'

const mirror: Record<Direction, Direction> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** Answer an offer (RFC 3264 section 6): one codec of the offerer's liking. `key` is ours. Throws SdpError when nothing fits. */
export function answerOffer(
  offer: RemoteSession,
  local: LocalMedia,
): { agreed: AgreedMedia; answer: Buffer; key: CryptoLine | undefined } {
  const { audio } = offer
  const codec = audio.codecs.find(({ name }) => local.codecs.includes(name))
  if (!codec) throw new SdpError('no-codec', 'no codec in common')
  const srtp = chooseSrtp(audio, local)
  const agreed: AgreedMedia = {
    remote: audio,
    codec,
    telephoneEvent: audio.telephoneEvent?.payloadType,
    comfortNoise: codec.name === 'opus' ? undefined : audio.comfortNoise,
    srtp,
    direction: mirror[audio.direction],
    rtcpMux: audio.rtcpMux,
  }
  const own = audioLines(local, {
    protocol: audio.protocol,
    codecs: [codec],
    event: audio.telephoneEvent,
    comfortNoise: agreed.comfortNoise,
    crypto: srtp?.local,
    direction: agreed.direction,
    rtcpMux: audio.rtcpMux,
  })
  const lines = offer.description.media.flatMap(({ type, protocol, formats }, index) =>
    index === audio.index ? own : [`m=${type} 0 ${protocol} ${formats.join(' ') || '0'}`],
  )
  return { agreed, answer: describe(local, lines), key: srtp?.local }
}

/** Make an offer, for an INVITE that came without one. */
export function makeOffer(local: LocalMedia): { offer: Buffer; key: CryptoLine | undefined } {
  const secure = local.srtp === 'required'
  const key = secure ? (local.key ?? newCrypto(1, 'AES_CM_128_HMAC_SHA1_80')) : undefined
  const codecs = local.codecs.map((name) => ({ name, payloadType: staticTypes[name] }))
  const lines = audioLines(local, {
    protocol: secure ? 'RTP/SAVP' : 'RTP/AVP',
    codecs,
    event: { payloadType: 101, clockRate: 8_000 },
    comfortNoise: 13,
    crypto: key,
    direction: 'sendrecv',
    rtcpMux: false,
  })
  return { offer: describe(local, lines), key }
}

/** Take the answer to our offer. Throws SdpError when it does not fit. */
export function takeAnswer(answer: RemoteSession, local: LocalMedia, key: CryptoLine | undefined): AgreedMedia {
  const { audio } = answer
  const codec = audio.codecs.find(({ name }) => local.codecs.includes(name))
  if (!codec) throw new SdpError('no-codec', 'no codec in common')
  const remote = audio.crypto[0]
  if (key && !remote) throw new SdpError('srtp-required', 'the answer has no usable key')
  return {
    remote: audio,
    codec,
    telephoneEvent: audio.telephoneEvent?.payloadType,
    comfortNoise: audio.comfortNoise,
    srtp: key && remote ? { local: key, remote } : undefined,
    direction: mirror[audio.direction],
    rtcpMux: false,
  }
}

function chooseSrtp(audio: RemoteAudio, local: LocalMedia): { local: CryptoLine; remote: CryptoLine } | undefined {
  const secureProfile = audio.protocol.includes('SAVP')
  const line = audio.crypto[0]
  if (local.srtp === 'required' && !line) throw new SdpError('srtp-required', 'the trunk takes encrypted calls only')
  if (secureProfile && (!line || local.srtp === 'off')) throw new SdpError('srtp-refused', 'no usable SRTP key is offered')
  // Keys offered without the secure profile are taken as well: many phones offer encryption that way.
  if (!line || local.srtp === 'off') return undefined
  const kept = local.key?.suite === line.suite ? { ...local.key, tag: line.tag } : undefined
  return { remote: line, local: kept ?? newCrypto(line.tag, line.suite) }
}

interface Section {
  protocol: string
  codecs: NumberedCodec[]
  event: { payloadType: number; clockRate: number } | undefined
  comfortNoise: number | undefined
  crypto: CryptoLine | undefined
  direction: Direction
  rtcpMux: boolean
}

function audioLines(local: LocalMedia, parts: Section): string[] {
  const payloads: [payloadType: number, encoding: string, parameters?: string][] = parts.codecs.map(({ name, payloadType }) =>
    name === 'opus' ? [payloadType, encodings[name], opusParameters] : [payloadType, encodings[name]],
  )
  if (parts.comfortNoise !== undefined) payloads.push([parts.comfortNoise, 'CN/8000'])
  if (parts.event) payloads.push([parts.event.payloadType, `telephone-event/${parts.event.clockRate}`, '0-15'])
  return [
    `m=audio ${local.port} ${parts.protocol} ${payloads.map(([payloadType]) => payloadType).join(' ')}`,
    ...payloads.map(([payloadType, encoding]) => `a=rtpmap:${payloadType} ${encoding}`),
    ...payloads.flatMap(([payloadType, , parameters]) => (parameters ? [`a=fmtp:${payloadType} ${parameters}`] : [])),
    'a=ptime:20',
    `a=${parts.direction}`,
    ...(parts.crypto ? [`a=crypto:${formatCrypto(parts.crypto)}`] : []),
    ...(parts.rtcpMux ? ['a=rtcp-mux'] : []),
  ]
}

function describe(local: LocalMedia, media: readonly string[]): Buffer {
  const place = `IN IP${isIPv6(local.address) ? 6 : 4} ${local.address}`
  const head = ['v=0', `o=- ${local.sessionId} ${local.version} ${place}`, 's=-', `c=${place}`, 't=0 0']
  return Buffer.from(`${[...head, ...media].join('\r\n')}\r\n`, 'utf8')
}
