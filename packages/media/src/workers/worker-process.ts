import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MediaError } from '../common/media-error.ts'
import { TwirpError } from '../common/twirp-error.ts'
import type { FromWorker, ToWorker, WorkerMetrics, WorkerSettings } from './wire.ts'

const ENTRY = fileURLToPath(import.meta.resolve('#worker'))
const STOP_MS = 2_000
/** glibc gives every native thread a heap of its own, which coming and going clients leave full of holes: two are enough. */
const ALLOCATOR = { MALLOC_ARENA_MAX: '2' }

export interface WorkerEvents {
  message(message: FromWorker): void
  exited(code: number | null): void
}

/**
 * One child process with its own UDP port. Processes rather than threads: node-datachannel keeps its JavaScript
 * constructors in static variables, so a second thread that loads it crashes (and a native crash would take all rooms).
 */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #calls = new Map<number, { resolve(body: Uint8Array): void; reject(error: Error): void }>()
  readonly #metrics = new Map<number, (metrics: WorkerMetrics | undefined) => void>()
  #nextId = 1
  isAlive = true
  port = 0

  private constructor(child: ChildProcess, events: WorkerEvents) {
    this.#child = child
    child.on('message', (message: FromWorker) => this.#receive(message, events))
    child.once('exit', (code) => {
      this.isAlive = false
      for (const { reject } of this.#calls.values()) reject(new TwirpError('unavailable', 'the worker holding the room ended'))
      for (const resolve of this.#metrics.values()) resolve(undefined)
      this.#calls.clear()
      this.#metrics.clear()
      events.exited(code)
    })
    child.on('error', () => {})
  }

  /** Starts a worker; rejects when it ends before it is ready, as when its port is taken. */
  static async start(settings: WorkerSettings, events: WorkerEvents): Promise<WorkerProcess> {
    const execArgv = process.execArgv.filter((flag) => flag === '--expose-gc')
    const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ipc']
    const child = fork(ENTRY, [], { serialization: 'advanced', execArgv, stdio, env: { ...process.env, ...ALLOCATOR } })
    const ready = new Promise<number>((resolve, reject) => {
      child.on('message', (message: FromWorker) => message.kind === 'ready' && resolve(message.port))
      child.once('error', reject)
      child.once('exit', () =>
        reject(new MediaError('WorkerNotStarted', `the media worker for UDP port ${settings.udpPort} did not start`)),
      )
    })
    child.send({ kind: 'start', settings } satisfies ToWorker)
    const port = await ready
    const worker = new WorkerProcess(child, events)
    worker.port = port
    return worker
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  post(message: ToWorker): void {
    if (this.isAlive && this.#child.connected) this.#child.send(message)
  }

  /** Calls a RoomService method on the rooms of this worker. Rejects with TwirpError. */
  call(method: string, room: string, body: Uint8Array): Promise<Uint8Array> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject })
      this.post({ kind: 'call', id, method, room, body })
    })
  }

  metrics(): Promise<WorkerMetrics | undefined> {
    const id = this.#nextId++
    return new Promise((resolve) => {
      if (!this.isAlive) return resolve(undefined)
      this.#metrics.set(id, resolve)
      this.post({ kind: 'metrics', id })
    })
  }

  /** Lets the worker tell its clients, then ends it. */
  async stop(): Promise<void> {
    if (!this.isAlive) return
    const exited = once(this.#child, 'exit')
    this.post({ kind: 'stop' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await exited
    clearTimeout(timer)
  }

  #receive(message: FromWorker, events: WorkerEvents): void {
    if (message.kind === 'reply' || message.kind === 'failure') {
      const call = this.#calls.get(message.id)
      this.#calls.delete(message.id)
      if (message.kind === 'reply') call?.resolve(message.body)
      else call?.reject(TwirpError.of(message.code, message.message))
    } else if (message.kind === 'metrics') {
      this.#metrics.get(message.id)?.(message.metrics)
      this.#metrics.delete(message.id)
    } else events.message(message)
  }
}
