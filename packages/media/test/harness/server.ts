import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RoomServiceClient } from 'livekit-server-sdk'
import { freshKeys, type Keys } from './keys.ts'
import { until } from './until.ts'

/** Which media server is under test. */
export type Target = 'embedded' | 'livekit'

/** The server named by MEDIA_UNDER_TEST. */
export const target: Target = process.env.MEDIA_UNDER_TEST === 'livekit' ? 'livekit' : 'embedded'

export interface ServerOptions {
  target?: Target
  keys?: Keys
  webhookUrl?: string
  workers?: number
  /** Hold the process and its children on this core (needs taskset). */
  core?: number
  /** Extra environment of the embedded server. */
  env?: Record<string, string>
  /** Extra flags of Node for the embedded server. */
  nodeFlags?: string[]
}

const standalone = fileURLToPath(new URL('../../src/standalone.ts', import.meta.url))

const freeTcpPort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const freeUdpPort = () =>
  new Promise<number>((resolve) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })

/** A media server in a process of its own, on loopback, started on free ports and kept on them over restarts. */
export class MediaServer {
  readonly keys: Keys
  readonly target: Target
  httpPort = 0
  udpPort = 0
  /** Everything the process printed, for assertions on logs and for messages of failure. */
  output = ''
  #child: ChildProcess | undefined
  #folder = mkdtempSync(join(tmpdir(), 'parley-media-'))
  #options: ServerOptions

  private constructor(options: ServerOptions) {
    this.#options = options
    this.target = options.target ?? target
    this.keys = options.keys ?? freshKeys()
  }

  /** Start a server and wait until it answers. */
  static async start(options: ServerOptions = {}): Promise<MediaServer> {
    const server = new MediaServer(options)
    server.httpPort = await freeTcpPort()
    server.udpPort = await freeUdpPort()
    await server.launch()
    return server
  }

  /** Address for clients. */
  get url(): string {
    return `ws://127.0.0.1:${this.httpPort}`
  }

  /** Address for the room service. */
  get httpUrl(): string {
    return `http://127.0.0.1:${this.httpPort}`
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get alive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get rooms(): RoomServiceClient {
    return new RoomServiceClient(this.httpUrl, this.keys.key, this.keys.secret)
  }

  /** Start the process again on the same ports, after stop() or kill(). */
  async launch(): Promise<void> {
    const [command, args, env] = this.target === 'livekit' ? this.#livekit() : this.#embedded()
    const core = this.#options.core
    const held = core === undefined ? [command, ...args] : ['taskset', '-c', String(core), command, ...args]
    const child = spawn(held[0]!, held.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    this.#child = child
    // A test process that ends early must not leave its server behind.
    const take = () => child.kill('SIGTERM')
    process.once('exit', take)
    child.once('exit', () => process.removeListener('exit', take))
    const keep = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString('utf8')).slice(-500_000)
      if (process.env.MEDIA_TEST_LOG) process.stderr.write(chunk)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.on('error', (error) => keep(Buffer.from(error.message)))
    try {
      // On a machine with a long queue for its cores Node alone takes many seconds to start.
      const answers = async () => {
        if (!this.alive) return 'ended'
        await this.rooms.listRooms()
        return 'up'
      }
      if ((await until(`${this.target} server to answer`, answers, 60_000)) === 'ended') throw new Error('the server ended')
    } catch (error) {
      await this.stop('SIGKILL')
      throw new Error(`${(error as Error).message}\n${this.output.slice(-4000)}`)
    }
  }

  /** End the process and wait for it; default is an orderly end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || !this.alive) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    const hard = setTimeout(() => child.kill('SIGKILL'), 8000)
    await ended
    clearTimeout(hard)
  }

  /** End for good and remove what it left. */
  async close(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #embedded(): [string, string[], Record<string, string>] {
    const env: Record<string, string> = {
      MEDIA_HTTP_PORT: String(this.httpPort),
      MEDIA_UDP_PORT: String(this.udpPort),
      MEDIA_HOST: '127.0.0.1',
      MEDIA_KEY: this.keys.key,
      MEDIA_SECRET: this.keys.secret,
      MEDIA_WORKERS: String(this.#options.workers ?? 2),
      MEDIA_TEST_HOOKS: '1',
      ...this.#options.env,
    }
    if (this.#options.webhookUrl) env.MEDIA_WEBHOOK_URL = this.#options.webhookUrl
    const flags = ['--disable-warning=ExperimentalWarning', ...(this.#options.nodeFlags ?? [])]
    return [process.execPath, [...flags, standalone], env]
  }

  #livekit(): [string, string[], Record<string, string>] {
    const binary = process.env.LIVEKIT_BINARY
    if (!binary) throw new Error('LIVEKIT_BINARY is not set: run through `npm run test:full`')
    const config = {
      port: this.httpPort,
      bind_addresses: ['127.0.0.1'],
      rtc: {
        udp_port: this.udpPort,
        tcp_port: 0,
        node_ip: '127.0.0.1',
        use_external_ip: false,
        enable_loopback_candidate: true,
        interfaces: { includes: ['lo'] },
        ips: { includes: ['127.0.0.0/8'] },
        stun_servers: [],
      },
      room: { enable_remote_unmute: true },
      keys: { [this.keys.key]: this.keys.secret },
      logging: { level: 'info', json: true },
      ...(this.#options.webhookUrl ? { webhook: { api_key: this.keys.key, urls: [this.#options.webhookUrl] } } : {}),
    }
    const path = join(this.#folder, 'livekit.yaml')
    // JSON is YAML.
    writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
    return [binary, ['--config', path], {}]
  }
}
