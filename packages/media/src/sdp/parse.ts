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
  /** Nothing is sent on it either way. */
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
  /** It has a BUNDLE group; without one there is a single section that counts. */
  isBundled: boolean
  sections: SdpSection[]
}

const MAX_SDP = 400_000
const MAX_SECTIONS = 1_000
const MAX_LINE = 8_192
const MAX_CODECS = 128
const MAX_EXTENSIONS = 64
const MAX_FEEDBACK = 32

/** What SDP says of a transport, in a section or for the whole session. */
interface TransportAttributes {
  ufrag: string
  password: string
  fingerprint: string
  setup: SdpSession['setup'] | undefined
}

/** A section as it is read: with what decides whether it is one at all. */
interface Reading extends TransportAttributes {
  section: SdpSection
  hasPort: boolean
  isBundleOnly: boolean
}

/** The session part: defaults of its sections (RFC 8866 section 5.13), and which of them are bundled. */
interface SessionPart extends TransportAttributes {
  direction: Direction
  extensions: SdpSection['extensions']
  bundle: string[] | undefined
}

/** Parses an offer or answer. Throws SdpError naming the line that is wrong. */
export function parseSdp(text: string): SdpSession {
  if (text.length > MAX_SDP) throw new SdpError(`SDP is longer than ${MAX_SDP} characters`)
  const session: SessionPart = { ...noTransport(), direction: 'sendrecv', extensions: [], bundle: undefined }
  const all: Reading[] = []
  let reading: Reading | undefined
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    if (line.length > MAX_LINE) throw new SdpError(`a line is longer than ${MAX_LINE} characters`)
    // RFC 8866 section 9: a line ends with CR LF or LF, and holds neither a CR nor a NUL.
    if (/[\0\r]/.test(line)) throw new SdpError('a line holds a control character')
    if (line[1] !== '=') throw new SdpError(`not an SDP line: ${line.slice(0, 40)}`)
    const value = line.slice(2)
    if (line[0] === 'm') {
      reading = parseMediaLine(value, session)
      if (all.push(reading) > MAX_SECTIONS) throw new SdpError(`more than ${MAX_SECTIONS} media sections`)
    } else if (line[0] === 'a') {
      parseTransportAttribute(reading ?? session, value)
      if (reading === undefined) parseSessionAttribute(session, value)
      else if (value === 'bundle-only') reading.isBundleOnly = true
      else parseMediaAttribute(reading.section, value)
    }
  }
  checkMids(all)
  return assemble(session, all)
}

function checkMids(all: Reading[]): void {
  const mids = new Set<string>()
  for (const { mid } of all.map(({ section }) => section)) {
    if (mid === '') throw new SdpError('a media section has no a=mid')
    if (mids.has(mid)) throw new SdpError(`a=mid:${mid} twice`)
    mids.add(mid)
  }
}

/**
 * Decides which sections there are. Port 0 rejects a section, unless it says a=bundle-only and is in the BUNDLE group: then it is
 * a full member that has no address of its own (RFC 9143 section 6, as Firefox offers). We have one transport for
 * everything, so what is not in the group is rejected too; without a group that is all but the first.
 * The transport is the one of the section the group names first (RFC 9143 section 7.2); others repeat or omit it.
 */
function assemble(session: SessionPart, all: Reading[]): SdpSession {
  const { bundle } = session
  for (const { section, hasPort, isBundleOnly } of all)
    section.rejected = bundle === undefined ? !hasPort : !bundle.includes(section.mid) || !(hasPort || isBundleOnly)
  const alive = all.filter(({ section }) => !section.rejected)
  if (bundle === undefined) for (const { section } of alive.splice(1)) section.rejected = true
  const place = ({ section }: Reading): number => bundle?.indexOf(section.mid) ?? 0
  const sources = [...alive.sort((one, other) => place(one) - place(other)), session]
  const first = <K extends keyof TransportAttributes>(name: K) => sources.find((source) => source[name])?.[name]
  return {
    ufrag: first('ufrag') ?? '',
    password: first('password') ?? '',
    fingerprint: first('fingerprint') ?? '',
    setup: first('setup') ?? 'actpass',
    isBundled: bundle !== undefined,
    sections: all.map(({ section }) => section),
  }
}

function noTransport(): TransportAttributes {
  return { ufrag: '', password: '', fingerprint: '', setup: undefined }
}

function parseMediaLine(value: string, session: SessionPart): Reading {
  const [kind, port, protocol, ...formats] = value.split(' ')
  if (kind !== 'audio' && kind !== 'video' && kind !== 'application') throw new SdpError(`m=${kind} is not supported`)
  if (formats.length > MAX_CODECS) throw new SdpError(`m=${kind}: more than ${MAX_CODECS} formats`)
  const codecs: SdpCodec[] = []
  if (kind !== 'application') {
    for (const format of formats) {
      const payloadType = integer(format, 0, 127)
      if (payloadType === undefined) throw new SdpError(`m=${kind}: ${format.slice(0, 20)} is not a payload type`)
      codecs.push({ payloadType, name: '', clockRate: 0, channels: 1, fmtp: '', feedback: [] })
    }
  }
  const section: SdpSection = {
    kind,
    protocol: protocol ?? '',
    rejected: false,
    mid: '',
    direction: session.direction,
    codecs,
    extensions: kind === 'application' ? [] : [...session.extensions],
    rids: [],
    msid: undefined,
    ssrcs: [],
    repairs: [],
    hasSimulcast: false,
  }
  return { ...noTransport(), section, hasPort: port !== '0', isBundleOnly: false }
}

function parseSessionAttribute(session: SessionPart, value: string): void {
  const [name, rest] = split(value)
  if (name === 'group') {
    const [semantics, ...mids] = rest.split(' ')
    // Of several groups we could carry one.
    if (semantics === 'BUNDLE') session.bundle ??= mids.filter((mid) => mid !== '')
  } else if (name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive') session.direction = name
  else if (name === 'extmap') addExtension(session.extensions, rest)
}

function parseTransportAttribute(to: TransportAttributes, value: string): void {
  const [name, rest] = split(value)
  if (name === 'ice-ufrag' && to.ufrag === '') to.ufrag = token(rest, name, /^[A-Za-z0-9+/]{4,256}$/)
  else if (name === 'ice-pwd' && to.password === '') to.password = token(rest, name, /^[A-Za-z0-9+/]{22,256}$/)
  else if (name === 'fingerprint' && to.fingerprint === '') {
    const [algorithm, digest] = rest.split(' ')
    if (algorithm?.toLowerCase() !== 'sha-256') return
    to.fingerprint = token(digest?.toUpperCase() ?? '', name, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  } else if (name === 'setup' && (rest === 'actpass' || rest === 'active' || rest === 'passive')) to.setup ??= rest
}

function addExtension(extensions: SdpSection['extensions'], value: string): void {
  const [id, uri] = value.split(' ')
  const number = integer(id?.split('/')[0], 1, 255)
  if (number === undefined || uri === undefined) throw new SdpError(`a=extmap:${value.slice(0, 40)} is malformed`)
  if (extensions.length < MAX_EXTENSIONS) extensions.push({ id: number, uri })
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
        if (payload !== '*' && String(codec.payloadType) !== payload) continue
        if (codec.feedback.length < MAX_FEEDBACK) codec.feedback.push(feedback)
      }
      return
    }
    case 'extmap':
      addExtension(section.extensions, rest)
      return
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
