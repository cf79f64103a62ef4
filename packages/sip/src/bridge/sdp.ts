/** The SDP of a LiveKit client that carries sound only (RFC 8829, 8839, 8843): its offers, and the server's answers. */

/** Codecs a room's sound may have, by their payload types in our offers. */
export const payloadTypes = { PCMU: 0, PCMA: 8, opus: 111 } as const
export type RoomCodec = keyof typeof payloadTypes

/** Header extension ids in our offers: how loud a packet is (RFC 6464). */
export const levelExtension = 1

export interface LocalTransport {
  ufrag: string
  password: string
  /** As SDP writes it: `sha-256 AB:CD…`. */
  fingerprint: string
}

/** One section of our offer. `microphone` is sent by us, by `ssrc`; `receiver` receives; `idle` carried something once. */
export type LocalSection =
  | { kind: 'microphone'; codec: RoomCodec; cid: string; ssrc: number }
  | { kind: 'receiver' }
  | { kind: 'idle' }

const rtpmap: Record<RoomCodec, string> = { PCMU: 'PCMU/8000', PCMA: 'PCMA/8000', opus: 'opus/48000/2' }

/** Write an offer: sections are bundled, their mids are their places. */
export function writeOffer(transport: LocalTransport, version: number, sections: readonly LocalSection[]): string {
  const lines = ['v=0', `o=- 1 ${version} IN IP4 127.0.0.1`, 's=-', 't=0 0']
  lines.push(`a=group:BUNDLE ${sections.map((_, mid) => mid).join(' ')}`, 'a=msid-semantic: WMS *')
  for (const [mid, section] of sections.entries()) {
    // All of them in each section: livekit-server knows of none that was not in the first offer.
    const first: RoomCodec = section.kind === 'microphone' ? section.codec : 'opus'
    const codecs = [...new Set<RoomCodec>([first, 'opus', 'PCMU', 'PCMA'])]
    lines.push(
      `m=audio 9 UDP/TLS/RTP/SAVPF ${codecs.map((codec) => payloadTypes[codec]).join(' ')}`,
      'c=IN IP4 0.0.0.0',
      'a=rtcp:9 IN IP4 0.0.0.0',
      `a=mid:${mid}`,
      `a=ice-ufrag:${transport.ufrag}`,
      `a=ice-pwd:${transport.password}`,
      'a=ice-options:trickle',
      `a=fingerprint:${transport.fingerprint}`,
      // The server begins DTLS: our end of ICE is ready before its own, and a first message lost costs a second.
      'a=setup:passive',
      `a=${section.kind === 'microphone' ? 'sendonly' : section.kind === 'receiver' ? 'recvonly' : 'inactive'}`,
      'a=rtcp-mux',
      'a=rtcp-rsize',
      `a=extmap:${levelExtension} urn:ietf:params:rtp-hdrext:ssrc-audio-level`,
    )
    for (const codec of codecs) lines.push(`a=rtpmap:${payloadTypes[codec]} ${rtpmap[codec]}`)
    lines.push(`a=fmtp:${payloadTypes.opus} minptime=10;useinbandfec=1;usedtx=1`)
    if (section.kind === 'microphone')
      lines.push(
        `a=msid:telephone ${section.cid}`,
        `a=ssrc:${section.ssrc} cname:telephone`,
        `a=ssrc:${section.ssrc} msid:telephone ${section.cid}`,
      )
  }
  return `${lines.join('\r\n')}\r\n`
}

/** How the far end is reached and known. */
export interface RemoteTransport {
  ufrag: string
  password: string
  fingerprint: string
  /** Its end of ICE answers checks and sends none of its own. */
  lite: boolean
  /** `candidate:…` lines. */
  candidates: string[]
}

/** One section of an answer, as far as it matters to us. */
export interface RemoteSection {
  mid: string
  /** The server sends on it, or takes what we send. */
  active: boolean
  /** Payload types the server took. */
  payloads: Map<number, RoomCodec>
  /** What the server sends is of this source; 0 when it did not say. */
  ssrc: number
  /** Its id of the extension for loudness; 0 for none. */
  level: number
}

export interface Answer {
  transport: RemoteTransport
  sections: RemoteSection[]
}

/** An answer cannot be used; the message names what is wrong with it. */
export class AnswerError extends Error {
  override name = 'AnswerError'
}

const longestAnswer = 1_000_000
/** Every section repeats the server's few addresses. */
const mostCandidates = 32
const names = new Map<string, RoomCodec>([
  ['pcmu/8000', 'PCMU'],
  ['pcma/8000', 'PCMA'],
  ['opus/48000', 'opus'],
])

/** Read an answer to an offer of ours. Throws AnswerError. */
export function parseAnswer(sdp: string): Answer {
  if (sdp.length > longestAnswer) throw new AnswerError('the answer is too long')
  const transport: RemoteTransport = { ufrag: '', password: '', fingerprint: '', lite: false, candidates: [] }
  const sections: RemoteSection[] = []
  let section: RemoteSection | undefined
  for (const raw of sdp.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.startsWith('m=')) {
      section = { mid: '', active: line.split(' ')[1] !== '0', payloads: new Map(), ssrc: 0, level: 0 }
      sections.push(section)
    } else if (line.startsWith('a=')) {
      readTransport(transport, line.slice(2))
      if (section) readSection(section, line.slice(2))
    }
  }
  for (const part of ['ufrag', 'password', 'fingerprint'] as const)
    if (transport[part] === '') throw new AnswerError(`the answer has no ${part}`)
  return { transport, sections }
}

function readTransport(transport: RemoteTransport, attribute: string): void {
  const [name, value] = split(attribute)
  if (name === 'ice-ufrag') transport.ufrag ||= token(value)
  else if (name === 'ice-pwd') transport.password ||= token(value)
  else if (name === 'fingerprint') transport.fingerprint ||= fingerprint(value)
  else if (name === 'ice-lite') transport.lite = true
  else if (name === 'candidate' && transport.candidates.length < mostCandidates && /^[\x20-\x7e]{1,300}$/.test(value)) {
    if (!transport.candidates.includes(attribute)) transport.candidates.push(attribute)
  }
}

function readSection(section: RemoteSection, attribute: string): void {
  const [name, value] = split(attribute)
  const [first = '', second = ''] = value.split(' ')
  if (name === 'mid') section.mid = value
  else if (name === 'inactive') section.active = false
  else if (name === 'rtpmap') {
    const codec = names.get(second.toLowerCase().split('/').slice(0, 2).join('/'))
    const payload = Number(first)
    if (codec && Number.isInteger(payload) && payload >= 0 && payload < 128) section.payloads.set(payload, codec)
  } else if (name === 'ssrc') section.ssrc ||= Number(first) >>> 0
  else if (name === 'extmap' && second === 'urn:ietf:params:rtp-hdrext:ssrc-audio-level') {
    const id = Number(first.split('/')[0])
    section.level = id >= 1 && id <= 14 ? id : 0
  }
}

function split(attribute: string): [string, string] {
  const colon = attribute.indexOf(':')
  return colon < 0 ? [attribute, ''] : [attribute.slice(0, colon), attribute.slice(colon + 1)]
}

function fingerprint(value: string): string {
  const [hash = '', digest = '', ...more] = value.split(' ', 3)
  return /^[\w-]{1,20}$/.test(hash) && /^[0-9A-Fa-f:]{1,200}$/.test(digest) && more.length === 0 ? value : ''
}

function token(value: string): string {
  return /^[A-Za-z0-9+/]{1,256}$/.test(value) ? value : ''
}

/** What libdatachannel is shown of the far end: one section through which every packet goes, whatever was agreed. */
export function transportAnswer(remote: RemoteTransport): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    ...(remote.lite ? ['a=ice-lite'] : []),
    'a=group:BUNDLE transport',
  ]
  lines.push(
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 0.0.0.0',
    'a=mid:transport',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
  )
  lines.push(
    `a=ice-ufrag:${remote.ufrag}`,
    `a=ice-pwd:${remote.password}`,
    `a=fingerprint:${remote.fingerprint}`,
    'a=setup:active',
  )
  return `${lines.join('\r\n')}\r\n`
}
