const FINGERPRINT = Array(32).fill('AB').join(':')

/** One section of a client's offer. */
export interface OfferedSection {
  kind?: 'audio' | 'video'
  mid: string
  direction?: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive'
  /** Track id of a=msid. */
  track?: string
  port?: number
  /** Lines to add at its end. */
  more?: string[]
  /** Parameters of its first codec. */
  fmtp?: string
}

const CODECS = {
  audio: { types: '111', lines: ['a=rtpmap:111 opus/48000/2'], first: 111 },
  video: { types: '96 97', lines: ['a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96'], first: 96 },
}

/** An offer as a browser writes it: bundled, with transport attributes in each section. */
export function offerOf(sections: OfferedSection[], session: string[] = [], bundle = sections.map(({ mid }) => mid)): string {
  const lines = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', ...session]
  if (bundle.length > 0) lines.push(`a=group:BUNDLE ${bundle.join(' ')}`)
  for (const { kind = 'audio', mid, direction = 'sendonly', track, port = 9, more = [], fmtp } of sections) {
    const { types, lines: codecs, first } = CODECS[kind]
    lines.push(
      `m=${kind} ${port} UDP/TLS/RTP/SAVPF ${types}`,
      'c=IN IP4 0.0.0.0',
      `a=mid:${mid}`,
      'a=ice-ufrag:abcd',
      'a=ice-pwd:abcdefghijklmnopqrstuv',
      `a=fingerprint:sha-256 ${FINGERPRINT}`,
      'a=setup:actpass',
      `a=${direction}`,
      'a=rtcp-mux',
      ...codecs,
      ...(fmtp === undefined ? [] : [`a=fmtp:${first} ${fmtp}`]),
      ...(track === undefined ? [] : [`a=msid:stream ${track}`]),
      ...more,
    )
  }
  return `${lines.join('\r\n')}\r\n`
}
