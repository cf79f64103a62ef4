import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { parseRtp, readLevel, readReports } from '@parley/rtp'
import { slowness } from '../../../scripts/regexps.mjs'
import { authorize } from '../src/auth/authorize.ts'
import { Challenger } from '../src/auth/challenger.ts'
import { parseDigest } from '../src/auth/digest.ts'
import { parseAnswer } from '../src/bridge/sdp.ts'
import { callerOf, inviteFault } from '../src/call/incoming.ts'
import { readSessionExpires } from '../src/dialog/session-timer.ts'
import { parseInfoDigit } from '../src/media/dtmf.ts'
import { readWav } from '../src/media/wav.ts'
import { parseAddress } from '../src/message/address.ts'
import { Headers } from '../src/message/headers.ts'
import { peerLimits } from '../src/message/limits.ts'
import { parseMessage } from '../src/message/parse.ts'
import { StreamFramer } from '../src/message/stream.ts'
import { parseUri, userOf } from '../src/message/uri.ts'
import { parseVia } from '../src/message/via.ts'
import { readSession } from '../src/sdp/session.ts'
import { pieces, StepCounter } from './steps.ts'

/** Steps a parser may take for each character it is given, and once. Measured: at most 15. */
const stepsPerCharacter = 40
const stepsOnce = 3_000
/** Pieces whose work is counted together; only when it is too much is each looked at. */
const together = 40

// Before anything is parsed: V8 counts only what it compiles from then on.
const counter = new StepCounter('/packages/sip/src/', '/packages/rtp/src/')
after(() => counter.close())

/** Triples are many, and an eighth of the length is enough to see growth: all of it with PARLEY_LINEAR=whole, in a minute. */
const lessForTriples = process.env.PARLEY_LINEAR === 'whole' ? 1 : 8

interface Parser {
  parse: (text: string) => unknown
  /** What it is fed: the repeated piece stands for the dots. */
  shapes: string[]
  /** Characters that mean something to it, and one or two that do not. */
  special: string
  /** The longest it may be given. */
  size: number
}

const { headerLine, headBytes } = peerLimits
const latin1 = (text: string) => Buffer.from(text, 'latin1')
const from = parseAddress('<sip:a@b>;tag=1', 'From')
const headersOf = (name: string, value: string) => Headers.of([[name, value]])
const challenger = new Challenger('sip', [{ name: 'pbx', username: 'pbx', password: 'x' }])
const head = 'OPTIONS sip:a@b SIP/2.0\r\n'
const rest = 'Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n'
const request = (value: string) => ({ ...parseMessage(latin1(`${head}${rest}\r\n`)), headers: headersOf('Authorization', value) })

const parsers: Record<string, Parser> = {
  message: {
    parse: (text) => parseMessage(latin1(text)),
    shapes: ['…', `${head}…${rest}\r\n`, `${head}${rest}…\r\n\r\n`, `${head}${rest}X…: a\r\n\r\n`],
    special: '\r\n \t:a"',
    size: headBytes,
  },
  'request-line': {
    parse: (text) => parseMessage(latin1(text)),
    shapes: [`OPTIONS…sip:a@b SIP/2.0\r\n${rest}\r\n`, `OPTIONS sip:a@b…SIP/2.0\r\n${rest}\r\n`, `SIP/2.0…200 x\r\n${rest}\r\n`],
    special: ' \tS/2.0:@',
    size: peerLimits.startLine,
  },
  CSeq: {
    parse: (text) => parseMessage(latin1(text)),
    shapes: [`${head}${rest.replace('1 OPTIONS', '1…OPTIONS')}\r\n`, `${head}${rest}Max-Forwards: 7…x\r\n\r\n`],
    special: ' \t0O;,',
    size: headerLine,
  },
  Via: {
    parse: parseVia,
    shapes: [
      'SIP…x',
      'SIP/2.0…x',
      'SIP/2.0/UDP…x',
      'SIP/2.0/UDP h…x',
      'SIP/2.0/UDP h:1…x',
      'SIP/2.0/UDP h;a…x',
      'SIP/2.0/UDP [::1…x',
    ],
    special: ' \t/:;,="[0a',
    size: headerLine,
  },
  address: {
    parse: (text) => parseAddress(text, 'To'),
    shapes: ['…x', '"…x', '"…" <sip:a@b>x', '<…x', '<sip:a@b>…x', 'sip:a@b…x', 'a…<'],
    special: ' "\\<>;=:@a',
    size: headerLine,
  },
  URI: {
    parse: (text) => [userOf(text), parseUri(text)],
    shapes: ['…x', 'sip:…!', 'sip:a@…!', 'sip:a@b:…!', 'sip:a@b;…!', 'sip:a@[::…!', 'sip:a@b?…!', 'tel:…!'],
    special: '@:;?.-[%=a',
    size: peerLimits.startLine,
  },
  'asserted identity': {
    parse: (text) => callerOf({ headers: headersOf('P-Asserted-Identity', text), from }),
    shapes: ['…x', '<…x', '"…x', '<sip:a@b>…x'],
    special: ' ,"\\<>;a',
    size: headerLine,
  },
  lists: {
    parse: (text) => [
      inviteFault({ ...request(''), headers: headersOf('Require', text), body: Buffer.alloc(0) } as never),
      callerOf({ headers: headersOf('Privacy', text), from }),
      headersOf('Route', text).list('Route'),
    ],
    shapes: ['…x', '"…x'],
    special: ' ,"\\<;/*a',
    size: headerLine,
  },
  digest: {
    parse: (text) => [
      parseDigest(text),
      authorize([text], { username: 'a', password: 'b' }, 'REGISTER', 'sip:x'),
      challenger.verify(request(text) as never),
    ],
    shapes: ['…x', 'Digest…x', 'Digest a…x', 'Digest a=…x', 'Digest a="…x', 'Digest realm="sip", nonce="…", a=x'],
    special: ' \t",=\\.:a',
    size: headerLine,
  },
  'session timer': {
    parse: readSessionExpires,
    shapes: ['…x', '90…x', '90;…x'],
    special: ' \t;="\\0a',
    size: headerLine,
  },
  SDP: {
    parse: (text) => readSession(latin1(text)),
    shapes: ['…x', 'v=0\r\n…x', 'v=0\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP4 1.1.1.1\r\na=…x', 'v=0\r\nm=audio…x'],
    special: '\r\na=m :0/',
    size: 16_384,
  },
  'SDP attributes': {
    parse: (text) => readSession(latin1(text)),
    shapes: ['rtpmap:0', 'crypto:1 AES_CM_128_HMAC_SHA1_80 inline:', 'rtcp:', 'ptime:', 'fmtp:0'].map(
      (attribute) => `v=0\r\nc=IN IP4 1.1.1.1\r\nm=audio 1 RTP/AVP 0\r\na=${attribute}…x`,
    ),
    special: ' |:/;=+0.',
    size: 16_384,
  },
  'SDP of a room': {
    parse: parseAnswer,
    shapes: ['…x', 'm=audio 9 x 0\r\na=…x', 'm=audio 9 x 0\r\na=candidate:…x', 'a=fingerprint:…x'],
    special: '\r\na=: /0',
    size: 65_536,
  },
  'DTMF INFO': {
    parse: (text) => [parseInfoDigit('application/dtmf-relay', latin1(text)), parseInfoDigit(text, latin1('5'))],
    shapes: ['…x', 'Signal…x', 'Signal=…x'],
    special: ' \t\r\n=5;',
    size: peerLimits.bodyBytes,
  },
  'RTP and RTCP': {
    parse: (text) => {
      const data = latin1(text)
      return [parseRtp(data), readReports(data), readLevel(data, 1)]
    },
    shapes: ['…x', '\x90\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xbe\xde\x0f\xff…x', '\x80\xc8\x00\x06…x'],
    special: '\x00\x01\x10\x80\x81\xc8\xff',
    size: 65_507,
  },
  WAV: {
    parse: (text) => readWav(latin1(text)),
    shapes: ['…x', 'RIFF\0\0\0\0WAVE…x', 'RIFF\0\0\0\0WAVEfmt \x10\0\0\0…x'],
    special: '\0\x01fmt \xff',
    size: 65_536,
  },
}

function fill(shape: string, piece: string, size: number): string {
  const [before = '', behind = ''] = shape.split('…')
  return before + piece.repeat(Math.max(0, Math.floor((size - shape.length) / piece.length))) + behind
}

/** Fails when the parser takes more steps than its input is long, several times over. */
function check({ parse }: Parser, inputs: string[]): void {
  const { steps, expressions } = counter.count(() => {
    for (const input of inputs) {
      try {
        parse(input)
      } catch {
        // Refused: also by so many steps at most.
      }
    }
  })
  for (const [text, { source, flags }] of expressions) assert.equal(slowness(source, flags), undefined, text)
  const characters = inputs.reduce((sum, { length }) => sum + length, 0)
  if (steps <= characters * stepsPerCharacter + inputs.length * stepsOnce) return
  if (inputs.length > 1) for (const input of inputs) check({ parse } as Parser, [input])
  else assert.fail(`${steps} steps for the ${characters} characters of ${JSON.stringify(inputs[0]!.slice(0, 80))}`)
}

for (const [name, parser] of Object.entries(parsers)) {
  test(`${name}: whatever is repeated, steps grow with length alone`, () => {
    const inputs = parser.shapes.flatMap((shape) =>
      pieces(parser.special).map((piece) => fill(shape, piece, piece.length < 3 ? parser.size : parser.size / lessForTriples)),
    )
    for (let start = 0; start < inputs.length; start += together) check(parser, inputs.slice(start, start + together))
  })
}

test('a stream: however it is cut, steps grow with length alone', () => {
  const message = `${head}${rest}X: ${'a'.repeat(8_000)}\r\nContent-Length: 8000\r\n\r\n${'b'.repeat(8_000)}`
  for (const text of [message, message.slice(0, 8_000), '\r\n'.repeat(8_000), `${head}${' \r\n'.repeat(8_000)}`]) {
    const { steps } = counter.count(() => {
      const framer = new StreamFramer()
      for (const byte of latin1(text)) {
        framer.push(Buffer.of(byte))
        framer.next()
      }
    })
    assert.ok(steps < text.length * stepsPerCharacter, `${steps} steps for ${text.length} bytes, one by one`)
  }
})

test('what is counted is there: one step a character at least', () => {
  const length = 8_000
  const { steps } = counter.count(() => assert.throws(() => parseVia(`SIP/2.0/UDP h${' '.repeat(length)}x`)))
  assert.ok(steps > length, `${steps} steps`)
})

test('what is counted is there: the Via expression this package once had is found', () => {
  const shape = /^SIP\s*\/\s*2\.0\s*\/\s*([\w.!%*+`'~-]+)\s+(\[[0-9a-f:.]+\]|[\w.-]+)\s*(?::\s*(\d{1,5}))?\s*(?:;(.*))?$/is
  const parse = (text: string) => shape.exec(text)
  assert.throws(() => check({ parse } as never, [`SIP/2.0/UDP h${' '.repeat(200)}x`]), /SIP/)
})
