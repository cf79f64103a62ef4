import { isIPv6 } from 'node:net'
import { type SessionDescription, write } from 'sdp-transform'
import type { CodecName, SrtpPolicy } from '../trunk/trunk.ts'
import { type CryptoLine, formatCrypto, newCrypto } from './crypto.ts'
import { type Direction, type OfferedCodec, type RemoteAudio, type RemoteSession, SdpError } from './session.ts'

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

/** What both sides agreed on. */
export interface AgreedMedia {
  remote: RemoteAudio
  codec: OfferedCodec
  telephoneEvent: number | undefined
  comfortNoise: number | undefined
  srtp: { local: CryptoLine; remote: CryptoLine } | undefined
  /** From our side: whether we send and whether we listen. */
  direction: Direction
  rtcpMux: boolean
}

const clockRates: Record<CodecName, string> = { PCMU: 'PCMU/8000', PCMA: 'PCMA/8000', opus: 'opus/48000/2' }
const staticTypes: Record<CodecName, number> = { PCMU: 0, PCMA: 8, opus: 111 }

const mirror: Record<Direction, Direction> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** Answer an offer (RFC 3264 section 6): one codec of the offerer's liking. Throws SdpError when nothing fits. */
export function answerOffer(offer: RemoteSession, local: LocalMedia): { agreed: AgreedMedia; answer: Buffer } {
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
  const event = audio.telephoneEvent
  const media: SessionDescription['media'] = offer.description.media.map((item, index) =>
    index === audio.index
      ? audioSection(local, {
          protocol: audio.protocol,
          codecs: [codec],
          event,
          comfortNoise: agreed.comfortNoise,
          crypto: srtp?.local,
          direction: agreed.direction,
          rtcpMux: audio.rtcpMux,
        })
      : { type: item.type, port: 0, protocol: item.protocol, payloads: String(item.payloads ?? '0'), rtp: [], fmtp: [] },
  )
  return { agreed, answer: describe(local, media) }
}

/** Make an offer, for an INVITE that came without one. */
export function makeOffer(local: LocalMedia): { offer: Buffer; key: CryptoLine | undefined } {
  const secure = local.srtp === 'required'
  const key = secure ? (local.key ?? newCrypto(1, 'AES_CM_128_HMAC_SHA1_80')) : undefined
  const codecs = local.codecs.map((name) => ({ name, payloadType: staticTypes[name] }))
  const section = audioSection(local, {
    protocol: secure ? 'RTP/SAVP' : 'RTP/AVP',
    codecs,
    event: { payloadType: 101, clockRate: 8_000 },
    comfortNoise: 13,
    crypto: key,
    direction: 'sendrecv',
    rtcpMux: false,
  })
  return { offer: describe(local, [section]), key }
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

function chooseSrtp(audio: RemoteAudio, local: LocalMedia): AgreedMedia['srtp'] {
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
  codecs: OfferedCodec[]
  event: { payloadType: number; clockRate: number } | undefined
  comfortNoise: number | undefined
  crypto: CryptoLine | undefined
  direction: Direction
  rtcpMux: boolean
}

function audioSection(local: LocalMedia, parts: Section): SessionDescription['media'][number] {
  const rtp = parts.codecs.map(({ name, payloadType }) => {
    const [codec = '', rate, channels] = clockRates[name].split('/')
    return { payload: payloadType, codec, rate: Number(rate), ...(channels ? { encoding: Number(channels) } : {}) }
  })
  const fmtp = parts.codecs
    .filter(({ name }) => name === 'opus')
    .map(({ payloadType }) => ({ payload: payloadType, config: 'useinbandfec=1;stereo=0;maxplaybackrate=16000' }))
  if (parts.comfortNoise !== undefined) rtp.push({ payload: parts.comfortNoise, codec: 'CN', rate: 8_000 })
  if (parts.event) {
    rtp.push({ payload: parts.event.payloadType, codec: 'telephone-event', rate: parts.event.clockRate })
    fmtp.push({ payload: parts.event.payloadType, config: '0-15' })
  }
  return {
    type: 'audio',
    port: local.port,
    protocol: parts.protocol,
    payloads: rtp.map(({ payload }) => payload).join(' '),
    rtp,
    fmtp,
    ptime: 20,
    direction: parts.direction,
    ...(parts.rtcpMux ? { rtcpMux: 'rtcp-mux' } : {}),
    ...(parts.crypto ? { crypto: [formatCrypto(parts.crypto)] } : {}),
  }
}

function describe(local: LocalMedia, media: SessionDescription['media']): Buffer {
  const ipVer = isIPv6(local.address) ? 6 : 4
  const text = write({
    version: 0,
    origin: {
      username: '-',
      sessionId: local.sessionId,
      sessionVersion: local.version,
      netType: 'IN',
      ipVer,
      address: local.address,
    },
    name: '-',
    connection: { version: ipVer, ip: local.address },
    timing: { start: 0, stop: 0 },
    media,
  })
  return Buffer.from(text, 'utf8')
}
