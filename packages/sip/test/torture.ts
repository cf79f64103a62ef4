/**
 * Messages in the manner of RFC 4475, written from what each of its sections describes. `expect` is what section 3
 * says a parser or user agent server should do: accept the syntax, answer with a status, or drop it.
 */
export interface Torture {
  /** RFC 4475 section and name. */
  name: string
  text: string
  expect: 'valid' | 'drop' | number
}

const crlf = (text: string) => text.replace(/\n/g, '\r\n')
const branch = 'z9hG4bK-torture'

interface Parts {
  line?: string
  via?: string
  from?: string
  to?: string
  callId?: string
  cseq?: string
  max?: string
  more?: string[]
  body?: string
  length?: string | null
}

/** A sound request with some parts replaced; a part that is empty is left out. */
function request(parts: Parts, method = 'OPTIONS'): string {
  const body = parts.body ?? ''
  const length = parts.length === undefined ? `Content-Length: ${body.length}` : (parts.length ?? '')
  const head = [
    parts.line ?? `${method} sip:desk@meet.example.org SIP/2.0`,
    parts.via ?? `Via: SIP/2.0/UDP phone.example.org;branch=${branch}`,
    parts.max ?? 'Max-Forwards: 70',
    parts.from ?? 'From: <sip:ana@example.org>;tag=a1',
    parts.to ?? 'To: <sip:desk@meet.example.org>',
    parts.callId ?? 'Call-ID: torture@phone.example.org',
    parts.cseq ?? `CSeq: 8 ${method}`,
    ...(parts.more ?? []),
    length,
  ]
  return crlf(`${head.filter((line) => line !== '').join('\n')}\n\n`) + body
}

const response = (line: string): string =>
  crlf(
    `${line}\nVia: SIP/2.0/UDP 192.0.2.7;branch=${branch}\nFrom: <sip:ana@example.org>;tag=1\nTo: <sip:b@example.org>;tag=2\nCall-ID: r@1\nCSeq: 35 INVITE\nContent-Length: 0\n\n`,
  )

const twisted = crlf(`INVITE sip:lua@meet.example.org;foo=a%42 SIP/2.0
TO :
 sip:lua@meet.example.org ;   tag    = 77n
from   : "Ana \\\\\\""       <sip:ana@example.org>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: twisted.ndaksdj@192.0.2.1
Content-Length   : 3
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:hop.example.net;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.org   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted text \\"\\"" <sip:ana@example.org> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

v=0`)

/** Section 3.1.1: unusual, and right. */
export const valid: Torture[] = [
  { name: '3.1.1.1 wsinv', text: twisted, expect: 'valid' },
  {
    name: '3.1.1.2 intmeth',
    text: request({
      line: "!odd-Method0123456789_*+`.%real'~ sip:1_odd.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d@example.org SIP/2.0",
      cseq: "CSeq: 139122385 !odd-Method0123456789_*+`.%real'~",
      callId: 'Call-ID: odd.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
      from: 'From: "=1\\"~!@#$%^&*()" <sip:x@example.org>;tag=_token~1\'+`*%!-.',
      more: ["extensionHeader-!.%*+_`'~: \uFEFF\u5927\u505C\u96FB"],
    }),
    expect: 'valid',
  },
  {
    name: '3.1.1.3 esc01',
    text: request({ line: 'OPTIONS sip:sips%3Auser%40example.org@example.net SIP/2.0' }),
    expect: 'valid',
  },
  { name: '3.1.1.4 escnull', text: request({ line: 'OPTIONS sip:null-%00-null@example.org SIP/2.0' }), expect: 'valid' },
  {
    name: '3.1.1.5 esc02',
    text: request({ line: 'RE%47IST%45R sip:example.org SIP/2.0', cseq: 'CSeq: 29344 RE%47IST%45R' }),
    expect: 'valid',
  },
  { name: '3.1.1.6 lwsdisp', text: request({ from: 'From: caller<sip:caller@example.org>;tag=323' }), expect: 'valid' },
  {
    name: '3.1.1.7 longreq',
    text: request({
      from: `From: "${'I have a long name '.repeat(30)}" <sip:ana@example.org>;tag=${'long'.repeat(200)}`,
      more: [`Unknown-${'Long'.repeat(20)}-Name: ${'value '.repeat(500)}`],
    }),
    expect: 'valid',
  },
  { name: '3.1.1.8 dblreq', text: request({}) + request({ line: 'INVITE sip:second@example.org SIP/2.0' }), expect: 'valid' },
  {
    name: '3.1.1.9 semiuri',
    text: request({ line: 'OPTIONS sip:user;par=u%40example.net@example.org SIP/2.0' }),
    expect: 'valid',
  },
  {
    name: '3.1.1.10 transports',
    text: request({
      via: ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']
        .map((name) => `Via: SIP/2.0/${name} t.example.org;branch=z9hG4bK${name}`)
        .join('\n'),
    }),
    expect: 'valid',
  },
  { name: '3.1.1.12 unreason', text: response('SIP/2.0 200 = 2**3 * 5**2 \u043D\u043E \u0441\u0442\u043E'), expect: 'valid' },
  { name: '3.1.1.13 noreason', text: response('SIP/2.0 100 '), expect: 'valid' },
]

/** Section 3.1.2: broken. */
export const broken: Torture[] = [
  { name: '3.1.2.1 badinv01', text: request({ via: `Via: SIP/2.0/UDP 192.0.2.15;;,;,,` }), expect: 400 },
  { name: '3.1.2.2 clerr', text: request({ length: 'Content-Length: 9999', body: 'v=0' }), expect: 400 },
  { name: '3.1.2.3 ncl', text: request({ length: 'Content-Length: -999', body: 'v=0' }), expect: 400 },
  { name: '3.1.2.4 scalar02 cseq', text: request({ cseq: 'CSeq: 36893488147419103232 OPTIONS' }), expect: 400 },
  { name: '3.1.2.4 scalar02 max-forwards', text: request({ max: 'Max-Forwards: 300' }), expect: 400 },
  {
    name: '3.1.2.5 scalarlg',
    text: response('SIP/2.0 503 Busy').replace('35 INVITE', '9292394834772304023312 INVITE'),
    expect: 'drop',
  },
  { name: '3.1.2.6 quotbal', text: request({ to: 'To: "Mr. J. User <sip:j.user@example.org>' }), expect: 400 },
  { name: '3.1.2.7 ltgtruri', text: request({ line: 'OPTIONS <sip:user@example.org> SIP/2.0' }), expect: 400 },
  { name: '3.1.2.8 lwsruri', text: request({ line: 'OPTIONS sip:user@example.org; lr SIP/2.0' }), expect: 400 },
  { name: '3.1.2.9 lwsstart', text: request({ line: 'OPTIONS  sip:user@example.org  SIP/2.0' }), expect: 400 },
  { name: '3.1.2.11 escruri', text: request({ line: 'OPTIONS sip:user@example.org?Route=%3Csip:x%3E SIP/2.0' }), expect: 400 },
  { name: '3.1.2.16 badvers', text: request({ line: 'OPTIONS sip:t@example.org SIP/7.0' }), expect: 505 },
  { name: '3.1.2.17 mismatch01', text: request({ cseq: 'CSeq: 8 INVITE' }), expect: 400 },
  {
    name: '3.1.2.18 mismatch02',
    text: request({ line: 'NEWMETHOD sip:x@example.org SIP/2.0', cseq: 'CSeq: 8 OLDMETHOD' }),
    expect: 400,
  },
  { name: '3.1.2.19 bigcode', text: response('SIP/2.0 4294967301 better not break the receiver'), expect: 'drop' },
]

/** Sections 3.1.2 where liberality is allowed, 3.2 and 3.4: taken as they are. */
export const tolerated: Torture[] = [
  { name: '3.1.2.10 trws', text: request({ line: 'OPTIONS sip:remote@example.org SIP/2.0  ' }), expect: 'valid' },
  { name: '3.1.2.12 baddate', text: request({ more: ['Date: Fri, 01 Jan 2010 16:00:00 EST'] }), expect: 'valid' },
  { name: '3.1.2.15 baddn', text: request({ from: 'From: Bell, Alexander <sip:a@example.org>;tag=43' }), expect: 'valid' },
  { name: '3.1.2.14 badaspec', text: request({ to: 'To: "Watson, Thomas" < sip:w@example.org >' }), expect: 'valid' },
  { name: '3.2.1 badbranch', text: request({ via: 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK' }), expect: 'valid' },
  {
    name: '3.3.6 unksm2',
    text: request({ to: 'To: <isbn:2983792873>', from: 'From: <http://www.example.org>;tag=323' }),
    expect: 'valid',
  },
  { name: '3.3.12 zeromf', text: request({ max: 'Max-Forwards: 0' }), expect: 'valid' },
  { name: '3.4.1 inv2543', text: request({ via: 'Via: SIP/2.0/UDP iftgw.example.org:5060', max: '' }), expect: 'valid' },
]

/** Section 3.3: well formed, refused for what they say. */
export const refused: Torture[] = [
  { name: '3.3.1 insuf', text: request({ callId: '', from: '', to: '' }), expect: 400 },
  { name: '3.3.2 unkscm', text: request({ line: 'OPTIONS nobodyknowsthisscheme:total SIP/2.0' }), expect: 416 },
  { name: '3.3.3 novelsc', text: request({ line: 'OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0' }), expect: 416 },
  { name: '3.3.8 multi01', text: request({ more: ['CSeq: 59 OPTIONS', 'Max-Forwards: 5'] }), expect: 400 },
  { name: '3.3.9 mcl01', text: request({ more: ['Content-Length: 13'], body: 'there is nobody' }), expect: 400 },
]

/** Section 3.3, for INVITEs, where a server has to read further. */
export const refusedInvites: Torture[] = [
  {
    name: '3.3.5 bext01',
    text: request({ more: ['Require: nothingSupportsThis', 'Contact: <sip:a@127.0.0.1>'] }, 'INVITE'),
    expect: 420,
  },
  {
    name: '3.3.7 invut',
    text: request(
      { more: ['Content-Type: application/unknownformat', 'Contact: <sip:a@127.0.0.1>'], body: '<audio/>' },
      'INVITE',
    ),
    expect: 415,
  },
  {
    name: '3.3.15 sdp01',
    text: request({ more: ['Accept: text/nobodyKnowsThis', 'Contact: <sip:a@127.0.0.1>'] }, 'INVITE'),
    expect: 406,
  },
  { name: '3.1.2.13 regbadct', text: request({ more: ['Contact: sip:a@127.0.0.1?Route=%3Csip:x%3E'] }, 'INVITE'), expect: 400 },
]
