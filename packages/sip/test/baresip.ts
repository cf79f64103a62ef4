import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const modules = '/usr/lib/baresip/modules'

export interface BaresipOptions {
  codec: string
  /** WAV the phone speaks. */
  says: string
  /** Further account parameters, for instance `;mediaenc=srtp-mand`. */
  account?: string
  /** Further lines of the configuration. */
  config?: string[]
  modules?: string[]
}

/** A free port, closed again: for programs that cannot take port 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || !address) throw new Error('no port')
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

/** A running baresip, driven over its control socket. */
export class Baresip {
  readonly #child: ChildProcess
  readonly #control: Socket
  readonly #folder: string
  readonly events: { type: string; param: string }[] = []
  readonly #waiting = new Set<() => void>()
  readonly #output: string[]

  private constructor(child: ChildProcess, control: Socket, folder: string, output: string[]) {
    this.#output = output
    this.#child = child
    this.#control = control
    this.#folder = folder
    let pending = ''
    control.on('error', () => {})
    control.on('data', (chunk) => {
      pending += chunk.toString()
      for (let match = /^(\d+):/.exec(pending); match; match = /^(\d+):/.exec(pending)) {
        const start = match[0].length
        const end = start + Number(match[1])
        if (pending.length < end + 1) return
        this.#message(pending.slice(start, end))
        pending = pending.slice(end + 1)
      }
    })
  }

  static async start(options: BaresipOptions): Promise<Baresip> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-baresip-'))
    const control = await freePort()
    const lines = [
      `sip_listen 127.0.0.1:${await freePair()}`,
      `audio_player aufile,${join(folder, 'played.wav')}`,
      `snd_path ${folder}`,
      `audio_source aufile,${options.says}`,
      'audio_alert aufile,/dev/null',
      'net_interface 127.0.0.1',
      `module_path ${modules}`,
      ...['g711.so', 'opus.so', 'aufile.so', 'sndfile.so', ...(options.modules ?? [])].map((name) => `module ${name}`),
      ...['account.so', 'menu.so', 'ctrl_tcp.so'].map((name) => `module_app ${name}`),
      `ctrl_tcp_listen 127.0.0.1:${control}`,
      ...(options.config ?? []),
    ]
    await writeFile(join(folder, 'config'), `${lines.join('\n')}\n`)
    await writeFile(
      join(folder, 'accounts'),
      `<sip:alice@127.0.0.1>;regint=0;audio_codecs=${options.codec}${options.account ?? ''}\n`,
    )
    await writeFile(join(folder, 'contacts'), '')
    const child = spawn('baresip', ['-f', folder], { stdio: ['ignore', 'pipe', 'pipe'] })
    const output: string[] = []
    const collect = (chunk: Buffer) => void output.push(chunk.toString())
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', () => {})
    for (let attempt = 0; attempt < 400; attempt++) {
      const socket = connect(control, '127.0.0.1')
      const opened = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      if (opened) {
        return new Baresip(child, socket, folder, output)
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    child.kill('SIGKILL')
    throw new Error(`baresip did not start: ${output.join('')}`)
  }

  #message(text: string): void {
    const message = JSON.parse(text) as { event?: boolean; type?: string; param?: string }
    if (message.event) this.events.push({ type: message.type ?? '', param: message.param ?? '' })
    for (const wake of [...this.#waiting]) wake()
  }

  command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params, token: '1' })
    this.#control.write(`${text.length}:${text},`)
  }

  /** Wait for an event such as CALL_ESTABLISHED. */
  async event(type: string, timeout = 60_000): Promise<string> {
    const signal = AbortSignal.timeout(timeout)
    for (;;) {
      const found = this.events.find((event) => event.type === type)
      if (found) return found.param
      if (signal.aborted)
        throw new Error(
          `no ${type} from baresip; had ${this.events.map((event) => event.type).join(' ')}\n${this.#output.join('')}`,
        )
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

  /** What it has heard so far: 16-bit mono PCM and its rate, from the WAV it writes. */
  async heard(): Promise<{ pcm: Int16Array; rate: number }> {
    const name = (await readdir(this.#folder))
      .filter((file) => /^dump-.*-dec\.wav$/.test(file))
      .sort()
      .at(-1)
    if (!name) throw new Error(`baresip recorded nothing\n${this.#output.join('')}`)
    const wav = await readFile(join(this.#folder, name))
    const rate = wav.readUInt32LE(24)
    const channels = wav.readUInt16LE(22)
    const data = wav.subarray(44, 44 + Math.floor((wav.length - 44) / (2 * channels)) * 2 * channels)
    const pcm = new Int16Array(data.length / 2 / channels)
    for (let index = 0; index < pcm.length; index++) pcm[index] = data.readInt16LE(index * 2 * channels)
    return { pcm, rate }
  }

  async stop(): Promise<void> {
    this.#control.destroy()
    if (this.#child.exitCode === null) {
      const gone = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2_000)
      await gone
      clearTimeout(timer)
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}
