import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call } from '../src/call/call.ts'
import { type AddressTrunk, createSipServer, type SipServer, type SipServerOptions } from '../src/index.ts'
import { toneShare } from '../src/media/goertzel.ts'
import { Line, MediaClock } from '../src/media/index.ts'
import { concatPcm } from '../src/media/pcm.ts'
import { tone } from '../src/media/tone.ts'

/** Fail clearly when a phone these tests need is not installed. */
export function needs(...commands: string[]): void {
  for (const command of commands) {
    if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0)
      throw new Error(`these tests need ${command}: apt-get install ${command}`)
  }
}

/** A certificate for loopback, made by openssl for this run; with an address in it clients can check it. */
export function selfSigned(address?: string): { certificate: string; key: string } {
  needs('openssl')
  const folder = mkdtempSync(join(tmpdir(), 'parley-tls-'))
  const path = (name: string) => join(folder, name)
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=127.0.0.1',
    '-keyout',
    path('key'),
    '-out',
    path('certificate'),
    ...(address === undefined ? [] : ['-addext', `subjectAltName=IP:${address}`]),
  ]
  const { status } = spawnSync('openssl', args, { stdio: 'ignore' })
  if (status !== 0) throw new Error('openssl could not make a certificate')
  const pair = { certificate: readFileSync(path('certificate'), 'utf8'), key: readFileSync(path('key'), 'utf8') }
  rmSync(folder, { recursive: true })
  return pair
}

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A WAV of one tone, 16-bit mono. */
export async function toneFile(frequency: number, seconds: number, rate = 8_000): Promise<string> {
  return wavFile(tone(rate, seconds * 1000, [frequency], 0.3), rate)
}

export async function wavFile(pcm: Int16Array, rate: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-wav-'))
  folders.push(folder)
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + pcm.length * 2, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(pcm.length * 2, 40)
  const path = join(folder, 'sound.wav')
  await writeFile(path, Buffer.concat([header, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)]))
  return path
}

/** Share of a tone over the loud part of some sound: 1 when it is all there is. */
export function shareOf(pcm: Int16Array, frequency: number, rate: number): number {
  const block = rate / 10
  let best = 0
  for (let start = 0; start + block <= pcm.length; start += block) {
    best = Math.max(best, toneShare(pcm.subarray(start, start + block), frequency, rate))
  }
  return best
}

export const loopback: AddressTrunk = { kind: 'address', name: 'loopback', addresses: ['127.0.0.1'] }

/** Settles when something has happened often enough. */
export class Tally<Item> {
  readonly items: Item[] = []
  readonly #waiting = new Set<() => void>()

  add(item: Item): void {
    this.items.push(item)
    for (const wake of [...this.#waiting]) wake()
  }

  /** Wait until `enough` holds. */
  async until(enough: (items: Item[]) => boolean, what: string, timeout = 60_000): Promise<Item[]> {
    const signal = AbortSignal.timeout(timeout)
    while (!enough(this.items)) {
      if (signal.aborted) throw new Error(`waited in vain for ${what}; have ${JSON.stringify(this.items.slice(-10))}`)
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal.addEventListener('abort', wake, { once: true })
      })
    }
    return this.items
  }
}

/** A server that answers every call, says a 1,000 Hz tone and keeps what it hears. */
export class Studio {
  readonly digits = new Tally<string>()
  readonly ended = new Tally<string>()
  readonly refused = new Tally<string>()
  readonly answered = new Tally<{ codec: string; srtp: boolean }>()
  readonly holds = new Tally<boolean>()
  readonly calls = new Tally<Call>()
  readonly faults: Error[] = []
  readonly heard: Int16Array[] = []
  readonly frames = new Tally<number>()
  heardRate = 0
  readonly clock = new MediaClock()
  server!: SipServer
  /** What to do with a call; default answer at once. */
  onCall: (call: Call) => void = (call) => call.answer()

  static async start(options: Partial<SipServerOptions> = {}): Promise<Studio> {
    const studio = new Studio()
    studio.server = await createSipServer({
      listen: { address: '127.0.0.1', udp: 0, tcp: 0 },
      trunks: [loopback],
      ...options,
      onCall: (call) => studio.#call(call),
    })
    const { events } = studio.server
    events.on('refused', ({ code }) => studio.refused.add(code))
    events.on('callAnswered', (details) => studio.answered.add(details))
    events.on('callEnded', ({ code }) => studio.ended.add(code))
    events.on('fault', (error) => studio.faults.push(error))
    return studio
  }

  #call(call: Call): void {
    const line = new Line(call, this.clock)
    line.onHeard = (pcm) => {
      this.heardRate = line.rate
      this.heard.push(pcm)
      // Every half second of sound, so that waiting does not cost a promise a frame.
      if (this.heard.length % 25 === 0) this.frames.add(this.heard.length)
    }
    let phase = 0
    line.background = () => {
      const frame = new Int16Array(line.rate / 50)
      for (let index = 0; index < frame.length; index++)
        frame[index] = 8_000 * Math.sin((2 * Math.PI * 1_000 * phase++) / line.rate)
      return frame
    }
    call.onDigit = (digit, method) => this.digits.add(`${digit} ${method}`)
    call.onHold = (held) => this.holds.add(held)
    call.onEnd = () => line.close()
    this.calls.add(call)
    this.onCall(call)
  }

  /** Wait for so much more sound, in seconds. */
  async listen(seconds: number): Promise<Int16Array> {
    const from = this.heard.length
    await this.frames.until(() => this.heard.length >= from + seconds * 50, `${seconds} s of sound`)
    return concatPcm(this.heard.slice(from))
  }

  uri(protocol: 'udp' | 'tcp' | 'tls' = 'udp', user = '100'): string {
    const port = this.server.port(protocol)
    return `sip:${user}@127.0.0.1:${port}${protocol === 'udp' ? '' : `;transport=${protocol}`}`
  }

  async stop(): Promise<void> {
    await this.server.close()
  }
}
