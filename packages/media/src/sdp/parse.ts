/** SDP as far as a WebRTC server needs it (RFC 8866, 8829). Untrusted: everything is bounded and refused with SdpError. */
export class SdpError extends Error {
  override name = 'SdpError'
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface SdpCodec {
  payloadType: number
  /** Lower case: `vp8`, `opus`, `rtx`. */
  name: string
  clockRate: number
  channels: number
  fmtp: string
  feedback: string[]
}

export interface SdpSection {
  kind: 'audio' | 'video' | 'application'
  protocol: string
  rejected: boolean
  mid: string
  direction: Direction
  /** In the order of the m= line, which is the order of preference. */
  codecs: SdpCodec[]
  extensions: { id: number; uri: string }[]
  rids: string[]
  /** Stream id and track id of a=msid. */
  msid: { stream: string; track: string } | undefined
  /** SSRCs in the order given, and which one repairs which (FID groups). */
  ssrcs: number[]
  repairs: { primary: number; rtx: number }[]
  hasSimulcast: boolean
}

export interface SdpSession {
  ufrag: string
  password: string
  fingerprint: string
  setup: 'actpass' | 'active' | 'passive'
  sections: SdpSection[]
}

const MAX_SDP = 400_000
const MAX_SECTIONS = 1_000
const MAX_LINE = 4_096

/** Parses an offer or answer. Throws SdpError naming the line that is wrong. */
export function parseSdp(text: string): SdpSession {
  if (text.length > MAX_SDP) throw new SdpError(`SDP is longer than ${MAX_SDP} characters`)
  const session: SdpSession = { ufrag: '', password: '', fingerprint: '', setup: 'actpass', sections: [] }
  let section: SdpSection | undefined
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    if (line.length > MAX_LINE) throw new SdpError(`a line is longer than ${MAX_LINE} characters`)
    // RFC 8866 section 9: a line ends with CR LF or LF, and holds neither a CR nor a NUL.
    if (/[\0\r]/.test(line)) throw new SdpError('a line holds a control character')
    if (line[1] !== '=') throw new SdpError(`not an SDP line: ${line.slice(0, 40)}`)
    const value = line.slice(2)
    if (line[0] === 'm') {
      section = parseMediaLine(value)
      if (session.sections.push(section) > MAX_SECTIONS) throw new SdpError(`more than ${MAX_SECTIONS} media sections`)
    } else if (line[0] === 'a') {
      parseTransportAttribute(session, value)
      if (section !== undefined) parseMediaAttribute(section, value)
    }
  }
  const mids = new Set<string>()
  for (const { mid } of session.sections) {
    if (mid === '') throw new SdpError('a media section has no a=mid')
    if (mids.has(mid)) throw new SdpError(`a=mid:${mid} twice`)
    mids.add(mid)
  }
  return session
}

function parseMediaLine(value: string): SdpSection {
  const [kind, port, protocol, ...formats] = value.split(' ')
  if (kind !== 'audio' && kind !== 'video' && kind !== 'application') throw new SdpError(`m=${kind} is not supported`)
  const codecs: SdpCodec[] = []
  if (kind !== 'application') {
    for (const format of formats) {
      const payloadType = integer(format, 0, 127)
      if (payloadType === undefined) throw new SdpError(`m=${kind}: ${format.slice(0, 20)} is not a payload type`)
      codecs.push({ payloadType, name: '', clockRate: 0, channels: 1, fmtp: '', feedback: [] })
    }
  }
  return {
    kind,
    protocol: protocol ?? '',
    rejected: port === '0',
    mid: '',
    direction: 'sendrecv',
    codecs,
    extensions: [],
    rids: [],
    msid: undefined,
    ssrcs: [],
    repairs: [],
    hasSimulcast: false,
  }
}

function parseTransportAttribute(session: SdpSession, value: string): void {
  const [name, rest] = split(value)
  if (name === 'ice-ufrag' && session.ufrag === '') session.ufrag = token(rest, name, /^[A-Za-z0-9+/]{4,256}$/)
  else if (name === 'ice-pwd' && session.password === '') session.password = token(rest, name, /^[A-Za-z0-9+/]{22,256}$/)
  else if (name === 'fingerprint' && session.fingerprint === '') {
    const [algorithm, digest] = rest.split(' ')
    if (algorithm?.toLowerCase() !== 'sha-256') return
    session.fingerprint = token(digest?.toUpperCase() ?? '', name, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  } else if (name === 'setup' && (rest === 'actpass' || rest === 'active' || rest === 'passive')) session.setup = rest
}

function parseMediaAttribute(section: SdpSection, value: string): void {
  const [name, rest] = split(value)
  switch (name) {
    case 'mid':
      section.mid = token(rest, name, /^[A-Za-z0-9_.!#$%&'*+^`{|}~-]{1,64}$/)
      return
    case 'sendrecv':
    case 'sendonly':
    case 'recvonly':
    case 'inactive':
      section.direction = name
      return
    case 'rtpmap': {
      const [payload, encoding = ''] = rest.split(' ')
      const codec = codecOf(section, payload)
      const [encodingName = '', clock, channels] = encoding.split('/')
      if (codec === undefined) return
      codec.name = encodingName.toLowerCase()
      codec.clockRate = integer(clock, 1, 1_000_000) ?? 0
      codec.channels = integer(channels, 1, 16) ?? 1
      return
    }
    case 'fmtp': {
      const codec = codecOf(section, rest.split(' ', 1)[0])
      if (codec !== undefined) codec.fmtp = rest.slice(rest.indexOf(' ') + 1)
      return
    }
    case 'rtcp-fb': {
      const payload = rest.split(' ', 1)[0]
      const feedback = rest.slice(rest.indexOf(' ') + 1)
      for (const codec of section.codecs) {
        if (payload === '*' || String(codec.payloadType) === payload) codec.feedback.push(feedback)
      }
      return
    }
    case 'extmap': {
      const [id, uri] = rest.split(' ')
      const number = integer(id?.split('/')[0], 1, 255)
      if (number === undefined || uri === undefined) throw new SdpError(`a=extmap:${rest.slice(0, 40)} is malformed`)
      section.extensions.push({ id: number, uri })
      return
    }
    case 'rid': {
      const [rid = '', direction] = rest.split(' ')
      if (direction === 'send' && section.rids.length < 8) section.rids.push(token(rid, name, /^[A-Za-z0-9_-]{1,16}$/))
      return
    }
    case 'simulcast':
      section.hasSimulcast = true
      return
    case 'msid': {
      const [stream = '', track = ''] = rest.split(' ')
      section.msid = { stream, track }
      return
    }
    case 'ssrc': {
      const ssrc = integer(rest.split(' ', 1)[0], 0, 0xffffffff)
      if (ssrc !== undefined && !section.ssrcs.includes(ssrc) && section.ssrcs.length < 32) section.ssrcs.push(ssrc)
      return
    }
    case 'ssrc-group': {
      const [semantics, first, second] = rest.split(' ')
      const primary = integer(first, 0, 0xffffffff)
      const rtx = integer(second, 0, 0xffffffff)
      if (semantics === 'FID' && primary !== undefined && rtx !== undefined && section.repairs.length < 32) {
        section.repairs.push({ primary, rtx })
      }
      return
    }
  }
}

function codecOf(section: SdpSection, payload: string | undefined): SdpCodec | undefined {
  return section.codecs.find((codec) => String(codec.payloadType) === payload)
}

function split(value: string): [string, string] {
  const colon = value.indexOf(':')
  return colon < 0 ? [value, ''] : [value.slice(0, colon), value.slice(colon + 1)]
}

function integer(text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined
  const value = Number(text)
  return value >= min && value <= max ? value : undefined
}

function token(text: string, name: string, pattern: RegExp): string {
  if (!pattern.test(text)) throw new SdpError(`a=${name} is malformed`)
  return text
}

/** The parameters of an fmtp line as a map. */
export function fmtpParameters(fmtp: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const part of fmtp.split(';')) {
    const [key = '', value = ''] = part.trim().split('=')
    if (key !== '') parameters.set(key.toLowerCase(), value)
  }
  return parameters
}
