import { fmtpParameters, type SdpCodec, type SdpSection } from './parse.ts'

const VIDEO = new Set(['vp8', 'h264', 'vp9', 'av1'])
const VIDEO_FEEDBACK = ['nack', 'nack pli', 'ccm fir', 'transport-cc']
const AUDIO_FEEDBACK = ['nack', 'transport-cc']
/** What telephones speak, by its fixed payload type (RFC 3551); every WebRTC client knows it (RFC 7874). */
const TELEPHONE = new Map([
  ['pcmu', 0],
  ['pcma', 8],
])

/** What clients may publish, by MIME type. */
export const PUBLISHABLE = [
  'video/VP8',
  'video/H264',
  'video/VP9',
  'video/AV1',
  'audio/opus',
  'audio/red',
  'audio/PCMU',
  'audio/PCMA',
]

/** What the publisher asked for in its AddTrackRequest. */
export interface PublishWishes {
  /** `vp8`, `h264`, `opus`...; empty when it leaves the choice to the order of the offer. */
  codec: string
  red: boolean
  dtx: boolean
  stereo: boolean
}

/** MIME type as LiveKit writes it in TrackInfo. */
export function mimeType(codec: string): string {
  if (codec === 'opus' || codec === 'red') return `audio/${codec}`
  if (TELEPHONE.has(codec)) return `audio/${codec.toUpperCase()}`
  return `video/${codec.toUpperCase()}`
}

/** The codecs to accept in a section on which the client publishes, best first; empty when it offers none we carry. */
export function publishCodecs(section: SdpSection, wishes: PublishWishes): SdpCodec[] {
  return section.kind === 'audio' ? publishAudio(section, wishes) : publishVideo(section, wishes.codec)
}

function publishAudio(section: SdpSection, wishes: PublishWishes): SdpCodec[] {
  const telephone = telephoneCodec(section, wishes.codec)
  if (telephone !== undefined) return [telephone]
  const opus = section.codecs.find((codec) => codec.name === 'opus')
  if (opus === undefined) return []
  const fmtp = ['minptime=10', 'useinbandfec=1']
  if (wishes.dtx) fmtp.push('usedtx=1')
  if (wishes.stereo) fmtp.push('stereo=1', 'sprop-stereo=1')
  const codecs = [accept(opus, AUDIO_FEEDBACK, fmtp.join(';'))]
  const red = section.codecs.find((codec) => codec.name === 'red')
  if (wishes.red && red !== undefined) {
    codecs.unshift(accept(red, AUDIO_FEEDBACK, `${opus.payloadType}/${opus.payloadType}`))
  }
  return codecs
}

function telephoneCodec(section: SdpSection, wanted: string): SdpCodec | undefined {
  if (!TELEPHONE.has(wanted)) return undefined
  const codec = section.codecs.find(({ name, clockRate }) => name === wanted && clockRate === 8000)
  return codec && accept(codec, AUDIO_FEEDBACK, '')
}

function publishVideo(section: SdpSection, wanted: string): SdpCodec[] {
  const usable = section.codecs.filter(isUsableVideo)
  const chosen = usable.find((codec) => codec.name === wanted) ?? usable[0]
  return chosen === undefined ? [] : withRtx(section, chosen)
}

/** The codecs of a client's receiving section that fit a track, best first; empty when it cannot receive it. */
export function subscribeCodecs(section: SdpSection, codec: string, fmtp: string): SdpCodec[] {
  if (section.kind === 'audio') {
    if (TELEPHONE.has(codec)) return [telephoneCodec(section, codec)].filter((item) => item !== undefined)
    const opus = section.codecs.find((item) => item.name === 'opus')
    if (opus === undefined) return []
    const audio = [accept(opus, AUDIO_FEEDBACK, opus.fmtp)]
    const red = section.codecs.find((item) => item.name === 'red')
    if (codec === 'red' && red !== undefined) {
      audio.unshift(accept(red, AUDIO_FEEDBACK, `${opus.payloadType}/${opus.payloadType}`))
    }
    return audio
  }
  const same = section.codecs.filter((item) => item.name === codec && isUsableVideo(item))
  const profile = profileOf(codec, fmtp)
  const chosen = same.find((item) => profileOf(codec, item.fmtp) === profile) ?? same[0]
  return chosen === undefined ? [] : withRtx(section, chosen)
}

/** The codecs a section keeps while it carries nothing: all we know, so that it can carry anything later. */
export function idleCodecs(section: SdpSection): SdpCodec[] {
  if (section.kind === 'audio') {
    return section.codecs.filter(({ name }) => name === 'opus').map((codec) => accept(codec, AUDIO_FEEDBACK, codec.fmtp))
  }
  const first = section.codecs.find(isUsableVideo)
  return first === undefined ? [] : withRtx(section, first)
}

function withRtx(section: SdpSection, codec: SdpCodec): SdpCodec[] {
  const accepted = [accept(codec, VIDEO_FEEDBACK, codec.fmtp)]
  const rtx = section.codecs.find(
    ({ name, fmtp }) => name === 'rtx' && fmtpParameters(fmtp).get('apt') === String(codec.payloadType),
  )
  if (rtx !== undefined) accepted.push(accept(rtx, [], rtx.fmtp))
  return accepted
}

function accept(codec: SdpCodec, feedback: string[], fmtp: string): SdpCodec {
  return { ...codec, fmtp: knownFmtp(codec.name, fmtp), feedback: feedback.filter((item) => codec.feedback.includes(item)) }
}

const NUMBER = /^\d{1,9}$/
/** Parameters passed on, and what their values may be. */
const PARAMETERS: Record<string, Record<string, RegExp>> = {
  opus: Object.fromEntries(
    ['minptime', 'maxptime', 'ptime', 'useinbandfec', 'usedtx', 'stereo', 'sprop-stereo', 'cbr']
      .concat('maxplaybackrate', 'maxaveragebitrate', 'sprop-maxcapturerate')
      .map((name) => [name, NUMBER]),
  ),
  h264: { 'level-asymmetry-allowed': NUMBER, 'packetization-mode': NUMBER, 'profile-level-id': /^[0-9a-f]{6}$/i },
  vp9: { 'profile-id': NUMBER },
  av1: { 'level-idx': NUMBER, profile: NUMBER, tier: NUMBER },
  rtx: { apt: NUMBER, 'rtx-time': NUMBER },
}

/**
 * A client's fmtp line written anew from the parameters we know: others get to see it, and our own answers. RED's is
 * always ours.
 */
function knownFmtp(codec: string, fmtp: string): string {
  if (codec === 'red') return fmtp
  const parameters = fmtpParameters(fmtp)
  const known: string[] = []
  for (const [name, form] of Object.entries(PARAMETERS[codec] ?? {})) {
    const value = parameters.get(name)
    if (value !== undefined && form.test(value)) known.push(`${name}=${value.toLowerCase()}`)
  }
  return known.join(';')
}

function isUsableVideo({ name, fmtp }: SdpCodec): boolean {
  return VIDEO.has(name) && (name !== 'h264' || fmtpParameters(fmtp).get('packetization-mode') === '1')
}

function profileOf(codec: string, fmtp: string): string {
  const parameters = fmtpParameters(fmtp)
  // The level may differ between two ends; profile and constraints may not.
  if (codec === 'h264') return (parameters.get('profile-level-id') ?? '42001f').slice(0, 4).toLowerCase()
  if (codec === 'vp9') return parameters.get('profile-id') ?? '0'
  return codec === 'av1' ? (parameters.get('profile') ?? '0') : ''
}

/**
 * Gives out payload types for offers written by us. Sections are bundled, so a payload type must mean the same codec in
 * all of them.
 */
export class PayloadTypes {
  readonly #given = new Map<string, number>()
  readonly #free: number[] = [96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110]

  constructor() {
    for (let i = 112; i < 128; i++) this.#free.push(i)
    for (let i = 35; i < 63; i++) this.#free.push(i)
  }

  /** The codecs to offer for a track of that codec, with RED or RTX beside it; empty when payload types ran out. */
  offer(codec: string, fmtp: string, clockRate: number, channels: number): SdpCodec[] {
    const fixed = TELEPHONE.get(codec)
    if (fixed !== undefined)
      return [{ payloadType: fixed, name: codec, clockRate: 8000, channels: 1, fmtp: '', feedback: AUDIO_FEEDBACK }]
    if (codec === 'opus' || codec === 'red') {
      const opus = { payloadType: 111, name: 'opus', clockRate: 48000, channels: 2, fmtp, feedback: AUDIO_FEEDBACK }
      if (codec === 'opus') return [opus]
      return [{ payloadType: 63, name: 'red', clockRate: 48000, channels: 2, fmtp: '111/111', feedback: AUDIO_FEEDBACK }, opus]
    }
    const key = `${codec} ${fmtp}`
    let payloadType = this.#given.get(key)
    if (payloadType === undefined) {
      if (this.#free.length < 2) return []
      payloadType = this.#free.shift()!
      this.#given.set(key, payloadType)
      this.#given.set(`rtx ${payloadType}`, this.#free.shift()!)
    }
    const rtx = this.#given.get(`rtx ${payloadType}`)!
    return [
      { payloadType, name: codec, clockRate, channels, fmtp, feedback: VIDEO_FEEDBACK },
      { payloadType: rtx, name: 'rtx', clockRate, channels: 1, fmtp: `apt=${payloadType}`, feedback: [] },
    ]
  }
}
