import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './child.ts'

interface Sending {
  cseq: number
  toTag?: boolean
  headers?: string[]
  body?: string
  /** `[branch-3]` is that of the step three before. */
  branch?: string
}

/** One request of a SIPp scenario. */
export function sending(method: string, { cseq, toTag = true, headers = [], body, branch = '[branch]' }: Sending): string {
  const lines = [
    `${method} sip:meet@[remote_ip]:[remote_port] SIP/2.0`,
    `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}`,
    'From: <sip:+34600111222@[local_ip]:[local_port]>;tag=[pid]t[call_number]',
    `To: <sip:meet@[remote_ip]:[remote_port]>${toTag ? '[peer_tag_param]' : ''}`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>',
    'Max-Forwards: 70',
    ...headers,
    'Content-Length: [len]',
    '',
    ...(body === undefined ? [] : body.split('\n')),
  ]
  return `<send${method === 'ACK' ? '' : ' retrans="500"'}><![CDATA[\n${lines.join('\n')}\n]]></send>`
}

const sdp = `v=0
o=sipp 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000`

export const receive = (status: number, attributes = ''): string => `<recv response="${status}" ${attributes}/>`
export const maybe = (status: number): string => receive(status, 'optional="true"')
export const invite = (): string =>
  sending('INVITE', { cseq: 1, toTag: false, headers: ['Content-Type: application/sdp'], body: sdp })
export const ack = (): string => sending('ACK', { cseq: 1 })
export const pause = (milliseconds: number): string => `<pause milliseconds="${milliseconds}"/>`
export const keys = (pressed: string, cseq: number): string[] =>
  [...pressed].flatMap((key, index) => {
    const headers = ['Content-Type: application/dtmf-relay']
    return [sending('INFO', { cseq: cseq + index, headers, body: `Signal=${key}\nDuration=160` }), receive(200)]
  })
export const bye = (cseq: number): string[] => [sending('BYE', { cseq }), receive(200)]

/** Wait until the other side hangs up, with a Reason (RFC 3326) that matches when one is wanted, and agree. */
export const hungUpOn = (reason?: string): string[] => [
  reason === undefined
    ? '<recv request="BYE"/>'
    : `<recv request="BYE"><action><ereg regexp="${reason}" search_in="hdr" header="Reason:" check_it="true" assign_to="1"/></action></recv><Reference variables="1"/>`,
  `<send><![CDATA[\n${['SIP/2.0 200 OK', '[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]', 'Content-Length: 0', '', ''].join('\n')}\n]]></send>`,
]

/** Play a scenario against a SIP address; throws with what SIPp says when the server does anything else. */
export async function sipp(address: string, steps: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-sipp-'))
  const file = join(folder, 'scenario.xml')
  writeFileSync(file, `<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="parley">\n${steps.join('\n')}\n</scenario>\n`)
  const target = address.replace(/^sip:.*@/, '')
  const args = ['-sf', file, target, '-i', '127.0.0.1', '-m', '1', '-timeout', '120', '-timeout_error', '-nostdin']
  try {
    const { code, stdout, stderr } = await run('sipp', args, { ...process.env, TERM: 'dumb' })
    if (code !== 0) throw new Error(`sipp ended with ${code} (apt-get install sip-tester): ${`${stdout}${stderr}`.slice(-3_000)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
