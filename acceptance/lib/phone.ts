import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const modules = '/usr/lib/baresip/modules'
/** Far more than anything takes: a wait ends by what it waits for, and this says which never came. */
const waitMs = 90_000

export interface PhoneOptions {
  /** The user part of its address: the caller's number. */
  number?: string
  /** WAV it speaks. */
  says: string
  codec?: string
  /** Further account parameters, for instance `;dtmfmode=info`. */
  account?: string
  /** Further lines of its configuration. */
  config?: string[]
}

/** A free port, closed again: for programs that cannot take port 0. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** A port below those that systems hand out, whose successor is free as well: baresip takes both. */
async function freePair(): Promise<number> {
  for (;;) {
    const port = 10_000 + 2 * Math.floor(Math.random() * 11_000)
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  server.close()
  return free
}

/** A telephone nobody here wrote: baresip, driven over its control socket. */
export class Phone {
  readonly #child: ChildProcess
  readonly #control: Socket
  readonly #folder: string
  readonly #output: string[]
  readonly events: { type: string; param: string }[] = []
  readonly #waiting = new Set<() => void>()

  private constructor(child: ChildProcess, control: Socket, folder: string, output: string[]) {
    this.#child = child
    this.#control = control
    this.#folder = folder
    this.#output = output
    let pending = ''
    control.on('error', () => {})
    control.on('data', (chunk) => {
      pending += chunk.toString()
      // Netstrings: length, colon, JSON, comma.
      for (let match = /^(\d+):/.exec(pending); match !== null; match = /^(\d+):/.exec(pending)) {
        const start = match[0].length
        const end = start + Number(match[1])
        if (pending.length < end + 1) return
        this.#told(pending.slice(start, end))
        pending = pending.slice(end + 1)
      }
    })
  }

  static async start({
    number = '+34600111222',
    says,
    codec = 'PCMU',
    account = '',
    config: more = [],
  }: PhoneOptions): Promise<Phone> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-phone-'))
    const control = await freePort()
    const config = [
      `sip_listen 127.0.0.1:${await freePair()}`,
      `audio_player aufile,${join(folder, 'played.wav')}`,
      `snd_path ${folder}`,
      `audio_source aufile,${says}`,
      'audio_alert aufile,/dev/null',
      'net_interface 127.0.0.1',
      `module_path ${modules}`,
      ...['g711.so', 'opus.so', 'srtp.so', 'aufile.so', 'sndfile.so'].map((name) => `module ${name}`),
      ...['account.so', 'menu.so', 'ctrl_tcp.so'].map((name) => `module_app ${name}`),
      `ctrl_tcp_listen 127.0.0.1:${control}`,
      ...more,
    ]
    await writeFile(join(folder, 'config'), `${config.join('\n')}\n`)
    await writeFile(join(folder, 'accounts'), `<sip:${number}@127.0.0.1>;regint=0;audio_codecs=${codec}${account}\n`)
    await writeFile(join(folder, 'contacts'), '')
    const child = spawn('baresip', ['-f', folder], { stdio: ['ignore', 'pipe', 'pipe'] })
    const output: string[] = []
    const collect = (chunk: Buffer) => void output.push(chunk.toString())
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', (error) => output.push(String(error)))
    for (let attempt = 0; attempt < 400 && child.exitCode === null; attempt++) {
      const socket = connect(control, '127.0.0.1')
      const opened = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      if (opened) return new Phone(child, socket, folder, output)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    child.kill('SIGKILL')
    throw new Error(`baresip did not start (apt-get install baresip): ${output.join('')}`)
  }

  #told(text: string): void {
    const message = JSON.parse(text) as { event?: boolean; type?: string; param?: string }
    if (message.event) this.events.push({ type: message.type ?? '', param: message.param ?? '' })
    for (const wake of [...this.#waiting]) wake()
  }

  #command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params, token: '1' })
    this.#control.write(`${text.length}:${text},`)
  }

  /** Call, and wait until somebody answers. */
  async dial(address: string): Promise<void> {
    this.#command('dial', address)
    await this.event('CALL_ESTABLISHED')
  }

  /** Call without waiting. */
  ring(address: string): void {
    this.#command('dial', address)
  }

  press(keys: string): void {
    for (const key of keys) this.#command('sndcode', key)
  }

  hold(): void {
    this.#command('hold')
  }

  resume(): void {
    this.#command('resume')
  }

  hangUp(): void {
    this.#command('hangup')
  }

  get isOver(): boolean {
    return this.events.some(({ type }) => type === 'CALL_CLOSED')
  }

  /** Wait until the call is over; the reason as baresip has it. */
  over(ms?: number): Promise<string> {
    return this.event('CALL_CLOSED', ms)
  }

  async event(type: string, ms = waitMs): Promise<string> {
    const signal = AbortSignal.timeout(ms)
    for (;;) {
      const found = this.events.find((event) => event.type === type)
      if (found !== undefined) return found.param
      if (signal.aborted) {
        const had = this.events.map((event) => `${event.type} ${event.param}`).join(', ')
        throw new Error(`no ${type} from the phone; had ${had}\n${this.#output.join('').slice(-3_000)}`)
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal.addEventListener('abort', wake, { once: true })
      })
    }
  }

  /** What it has heard so far: 16-bit mono PCM and its rate, from the WAVs it writes as it plays; a hold begins another. */
  async heard(): Promise<{ pcm: Int16Array; rate: number }> {
    const names = (await readdir(this.#folder)).filter((file) => /^dump-.*-dec\.wav$/.test(file)).sort()
    const wavs = await Promise.all(names.map((name) => readFile(join(this.#folder, name))))
    const whole = wavs.filter((wav) => wav.length >= 46)
    const parts = whole.map((wav) => {
      const channels = wav.readUInt16LE(22)
      return Int16Array.from({ length: Math.floor((wav.length - 44) / 2 / channels) }, (_, index) =>
        wav.readInt16LE(44 + index * 2 * channels),
      )
    })
    const pcm = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      pcm.set(part, at)
      at += part.length
    }
    return { pcm, rate: whole[0]?.readUInt32LE(24) ?? 8_000 }
  }

  /** What it hears in the next seconds, counted in sound and not by the clock. */
  async listen(seconds: number): Promise<{ pcm: Int16Array; rate: number }> {
    const from = (await this.heard()).pcm.length
    const deadline = Date.now() + waitMs + seconds * 1000
    for (;;) {
      const { pcm, rate } = await this.heard()
      if (pcm.length >= from + seconds * rate) return { pcm: pcm.subarray(from), rate }
      if (Date.now() > deadline) throw new Error('the phone hears nothing any more')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  async stop(): Promise<void> {
    this.#control.destroy()
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2_000)
      await gone
      clearTimeout(timer)
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}
