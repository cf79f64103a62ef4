import { extensionIds } from './rtp.ts'

/** ICE and DTLS parameters of one end (RFC 8839, RFC 8122). */
export interface Endpoint {
  ufrag: string
  password: string
  fingerprint: string
  setup: string
  candidates: string[]
}

export const videoType = 96
export const audioType = 111
const line = (sdp: string, name: string) => new RegExp(`^a=${name}:(.*)$`, 'm').exec(sdp)?.[1]?.trim() ?? ''

/** Read the endpoint of an SDP whose sections are bundled. */
export const endpoint = (sdp: string): Endpoint => ({
  ufrag: line(sdp, 'ice-ufrag'),
  password: line(sdp, 'ice-pwd'),
  fingerprint: line(sdp, 'fingerprint'),
  setup: line(sdp, 'setup'),
  candidates: [...sdp.matchAll(/^a=(candidate:.*)$/gm)].map((match) => match[1]!.trim()),
})

const transport = (own: Endpoint, setup: string) => [
  `a=ice-ufrag:${own.ufrag}`,
  `a=ice-pwd:${own.password}`,
  `a=fingerprint:${own.fingerprint}`,
  `a=setup:${setup}`,
]

const join = (lines: string[]) => `${lines.join('\r\n')}\r\n`
const head = (mids: string[]) => ['v=0', 'o=- 7 2 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${mids.join(' ')}`]

/** What libdatachannel is shown of the far end: one video section and the data channels. */
export function pipe(far: Endpoint, setup: string, withData: boolean): string {
  const media = (mid: string, kind: string) => [
    kind,
    'c=IN IP4 127.0.0.1',
    `a=mid:${mid}`,
    ...transport(far, setup),
    ...(mid === 'pipe'
      ? ['a=sendrecv', 'a=rtcp-mux', `a=rtpmap:${videoType} VP8/90000`]
      : ['a=sctp-port:5000', 'a=max-message-size:65536']),
  ]
  return join([
    ...head(withData ? ['pipe', 'data'] : ['pipe']),
    ...media('pipe', `m=video 9 UDP/TLS/RTP/SAVPF ${videoType}`),
    ...(withData ? media('data', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel') : []),
    ...far.candidates.map((candidate) => `a=${candidate}`),
  ])
}

/** One track of an offer to publish. */
export interface Offered {
  mid: string
  cid: string
  audio: boolean
  /** With rids: simulcast. */
  streams: { ssrc: number; rid?: string }[]
}

/** The publisher's offer: VP8 and Opus, simulcast by rid. */
export function publisherOffer(own: Endpoint, tracks: Offered[]): string {
  const sections = tracks.flatMap(({ mid, cid, audio, streams }) => {
    const type = audio ? audioType : videoType
    const rids = streams.flatMap(({ rid }) => (rid ? [rid] : []))
    return [
      `m=${audio ? 'audio' : 'video'} 9 UDP/TLS/RTP/SAVPF ${type}`,
      'c=IN IP4 0.0.0.0',
      'a=rtcp:9 IN IP4 0.0.0.0',
      ...transport(own, 'actpass'),
      `a=mid:${mid}`,
      `a=extmap:${extensionIds.mid} urn:ietf:params:rtp-hdrext:sdes:mid`,
      ...(audio
        ? [`a=extmap:${extensionIds.level} urn:ietf:params:rtp-hdrext:ssrc-audio-level`]
        : [
            `a=extmap:${extensionIds.rid} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id`,
            `a=extmap:${extensionIds.transport} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`,
          ]),
      'a=sendonly',
      `a=msid:${cid} ${cid}`,
      'a=rtcp-mux',
      'a=rtcp-rsize',
      audio ? `a=rtpmap:${type} opus/48000/2` : `a=rtpmap:${type} VP8/90000`,
      ...(audio
        ? [`a=fmtp:${type} minptime=10;useinbandfec=1`]
        : [
            `a=rtcp-fb:${type} transport-cc`,
            `a=rtcp-fb:${type} ccm fir`,
            `a=rtcp-fb:${type} nack`,
            `a=rtcp-fb:${type} nack pli`,
          ]),
      ...(rids.length > 0
        ? [...rids.map((rid) => `a=rid:${rid} send`), `a=simulcast:send ${rids.join(';')}`]
        : streams.flatMap(({ ssrc }) => [`a=ssrc:${ssrc} cname:load`, `a=ssrc:${ssrc} msid:${cid} ${cid}`])),
    ]
  })
  return join([...head(tracks.map(({ mid }) => mid)), 'a=msid-semantic: WMS *', ...sections])
}

/**
 * The subscriber's answer to any offer of the server: every section taken, VP8 and Opus only, receiving.
 * Transport-wide congestion control is left out, so both servers go by REMB.
 */
export function subscriberAnswer(own: Endpoint, offer: string): string {
  const [, ...sections] = offer.split(/^(?=m=)/m)
  const mids: string[] = []
  const lines = sections.flatMap((section) => {
    const all = section.split(/\r?\n/).filter(Boolean)
    const mid = line(section, 'mid')
    mids.push(mid)
    if (section.startsWith('m=application')) {
      return [
        'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
        'c=IN IP4 0.0.0.0',
        ...transport(own, 'active'),
        `a=mid:${mid}`,
        'a=sctp-port:5000',
        'a=max-message-size:65536',
      ]
    }
    const kept = new Set([...section.matchAll(/^a=rtpmap:(\d+) (VP8|opus)\//gim)].map((match) => match[1]!))
    const [media, port, protocol] = all[0]!.split(' ')
    const inactive = /^a=inactive/m.test(section) || port === '0'
    return [
      [media, '9', protocol, ...kept].join(' '),
      'c=IN IP4 0.0.0.0',
      ...transport(own, 'active'),
      `a=mid:${mid}`,
      inactive ? 'a=inactive' : 'a=recvonly',
      'a=rtcp-mux',
      'a=rtcp-rsize',
      ...all.filter((entry) => {
        const type = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(entry)?.[1]
        if (type) return kept.has(type) && !entry.includes('transport-cc')
        return entry.startsWith('a=extmap:') && !entry.includes('transport-wide-cc')
      }),
    ]
  })
  return join([...head(mids), 'a=msid-semantic: WMS', ...lines])
}
