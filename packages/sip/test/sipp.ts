import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One message to send. Headers every request shares are added. */
export function sending(
  method: string,
  parts: { cseq: number; toTag?: boolean; headers?: string[]; body?: string; retrans?: boolean; branch?: string },
): string {
  const { cseq, toTag = true, headers = [], body, retrans = method !== 'ACK', branch = '[branch]' } = parts
  const lines = [
    `${method} sip:100@[remote_ip]:[remote_port] SIP/2.0`,
    `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}`,
    'From: <sip:+34600111222@[local_ip]:[local_port]>;tag=[pid]t[call_number]',
    `To: <sip:100@[remote_ip]:[remote_port]>${toTag ? '[peer_tag_param]' : ''}`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>',
    'Max-Forwards: 70',
    ...headers,
    'Content-Length: [len]',
    '',
    ...(body === undefined ? [] : body.split('\n')),
  ]
  return `<send${retrans ? ' retrans="500"' : ''}><![CDATA[\n${lines.join('\n')}\n]]></send>`
}

const sdp = `v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 8
a=rtpmap:0 PCMU/8000`

export const invite = (headers: string[] = [], cseq = 1): string =>
  sending('INVITE', { cseq, toTag: false, headers: [...headers, 'Content-Type: application/sdp'], body: sdp })
export const ack = (cseq = 1): string => sending('ACK', { cseq })
export const bye = (cseq = 2): string => `${sending('BYE', { cseq })}${receive(200)}`
export const receive = (status: number, options = ''): string => `<recv response="${status}" ${options}/>`
export const maybe = (status: number): string => receive(status, 'optional="true"')
export const awaitRequest = (method: string): string =>
  `<recv request="${method}"/><send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>`
export const pause = (milliseconds: number): string => `<pause milliseconds="${milliseconds}"/>`
export const key = (digit: string, cseq: number): string =>
  `${sending('INFO', { cseq, headers: ['Content-Type: application/dtmf-relay'], body: `Signal=${digit}\nDuration=160` })}${receive(200)}`

/** Run one scenario with sipp; rejects with what it says when the server does anything else. */
export async function sipp(port: number, steps: string[], args: string[] = []): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-sipp-'))
  const file = join(folder, 'scenario.xml')
  const text = `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="parley">\n${steps.join('\n')}\n</scenario>\n`
  await writeFile(file, text)
  const all = [
    '-sf',
    file,
    `127.0.0.1:${port}`,
    '-i',
    '127.0.0.1',
    '-m',
    '1',
    '-timeout',
    '120',
    '-timeout_error',
    '-nostdin',
    '-trace_err',
    ...args,
  ]
  const child = spawn('sipp', all, { cwd: folder, env: { ...process.env, TERM: 'dumb' } })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-3_000)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-3_000)
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  await rm(folder, { recursive: true, force: true })
  if (code !== 0) throw new Error(`sipp left with ${code}\n${output}`)
}
