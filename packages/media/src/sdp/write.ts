import type { Direction, SdpCodec } from './parse.ts'

/** One media section as we describe it. */
export interface LocalSection {
  kind: 'audio' | 'video' | 'application'
  mid: string
  direction: Direction
  rejected: boolean
  codecs: SdpCodec[]
  extensions: { id: number; uri: string }[]
  /** Simulcast streams we are ready to receive. */
  rids: string[]
  /** What we send on it. */
  sending: { stream: string; track: string; ssrc: number; rtxSsrc: number; cname: string } | undefined
}

/** What all sections of a connection share. */
export interface LocalTransport {
  ufrag: string
  password: string
  fingerprint: string
  setup: 'actpass' | 'active' | 'passive'
  candidates: { address: string; port: number }[]
  sessionId: string
  version: number
}

const CODEC_NAMES: Record<string, string> = { vp8: 'VP8', vp9: 'VP9', h264: 'H264', av1: 'AV1', pcmu: 'PCMU', pcma: 'PCMA' }

/** Writes the SDP a client gets to see. An answer to an offer without a BUNDLE group has none either (RFC 9143 section 7.3). */
export function writeSdp(transport: LocalTransport, sections: LocalSection[], isBundled = true): string {
  const bundled = sections.filter(({ rejected }) => !rejected).map(({ mid }) => mid)
  const lines = [
    'v=0',
    `o=- ${transport.sessionId} ${transport.version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS *',
  ]
  if (isBundled && bundled.length > 0) lines.push(`a=group:BUNDLE ${bundled.join(' ')}`)
  for (const section of sections) writeSection(lines, transport, section)
  return `${lines.join('\r\n')}\r\n`
}

function writeSection(lines: string[], transport: LocalTransport, section: LocalSection): void {
  const isData = section.kind === 'application'
  const protocol = isData ? 'UDP/DTLS/SCTP' : 'UDP/TLS/RTP/SAVPF'
  const formats = isData ? 'webrtc-datachannel' : section.codecs.map(({ payloadType }) => payloadType).join(' ') || '0'
  lines.push(`m=${section.kind} ${section.rejected ? 0 : 9} ${protocol} ${formats}`, 'c=IN IP4 0.0.0.0')
  lines.push(`a=mid:${section.mid}`)
  if (section.rejected) {
    lines.push('a=inactive')
    return
  }
  lines.push(`a=ice-ufrag:${transport.ufrag}`, `a=ice-pwd:${transport.password}`)
  lines.push(`a=fingerprint:sha-256 ${transport.fingerprint}`, `a=setup:${transport.setup}`)
  for (const [i, { address, port }] of transport.candidates.entries()) {
    lines.push(`a=candidate:${i + 1} 1 udp ${2130706431 - i} ${address} ${port} typ host`)
  }
  lines.push('a=end-of-candidates')
  if (isData) {
    lines.push('a=sctp-port:5000', 'a=max-message-size:262144')
    return
  }
  writeMedia(lines, section)
}

function writeMedia(lines: string[], section: LocalSection): void {
  lines.push('a=rtcp-mux', 'a=rtcp-rsize', `a=${section.direction}`)
  for (const { id, uri } of section.extensions) lines.push(`a=extmap:${id} ${uri}`)
  for (const codec of section.codecs) {
    const name = CODEC_NAMES[codec.name] ?? codec.name
    const channels = codec.channels > 1 ? `/${codec.channels}` : ''
    lines.push(`a=rtpmap:${codec.payloadType} ${name}/${codec.clockRate}${channels}`)
    for (const feedback of codec.feedback) lines.push(`a=rtcp-fb:${codec.payloadType} ${feedback}`)
    if (codec.fmtp !== '') lines.push(`a=fmtp:${codec.payloadType} ${codec.fmtp}`)
  }
  if (section.rids.length > 0) {
    for (const rid of section.rids) lines.push(`a=rid:${rid} recv`)
    lines.push(`a=simulcast:recv ${section.rids.join(';')}`)
  }
  const { sending } = section
  if (sending === undefined) return
  lines.push(`a=msid:${sending.stream} ${sending.track}`)
  if (sending.rtxSsrc !== 0) lines.push(`a=ssrc-group:FID ${sending.ssrc} ${sending.rtxSsrc}`)
  for (const ssrc of sending.rtxSsrc !== 0 ? [sending.ssrc, sending.rtxSsrc] : [sending.ssrc]) {
    lines.push(`a=ssrc:${ssrc} cname:${sending.cname}`, `a=ssrc:${ssrc} msid:${sending.stream} ${sending.track}`)
  }
}
