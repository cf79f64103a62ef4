import type { Log } from '../common/log.ts'
import type { FromWorker, WorkerMetrics, WorkerSettings } from './wire.ts'
import { WorkerProcess } from './worker-process.ts'

export interface WorkerPoolEvents {
  message(worker: WorkerProcess, message: FromWorker): void
  /** A worker ended by itself; these rooms went with it. */
  lost(worker: WorkerProcess, rooms: string[]): void
}

const RESTART_MS = 200
/** How long whoever wants a worker waits while all of them are being started again. */
const AVAILABLE_MS = 5_000

/** Which worker holds which room. New rooms go to the worker with the fewest. */
export class WorkerPool {
  readonly #settings: WorkerSettings
  readonly #events: WorkerPoolEvents
  readonly #log: Log
  readonly #workers: WorkerProcess[] = []
  readonly #rooms = new Map<string, WorkerProcess>()
  readonly #waiting = new Set<() => void>()
  #isClosing = false

  private constructor(settings: WorkerSettings, events: WorkerPoolEvents, log: Log) {
    this.#settings = settings
    this.#events = events
    this.#log = log
  }

  /** Starts `count` workers on consecutive UDP ports, each on a free one when the first is 0. */
  static async start(settings: WorkerSettings, count: number, events: WorkerPoolEvents, log: Log): Promise<WorkerPool> {
    const pool = new WorkerPool(settings, events, log)
    try {
      for (let i = 0; i < count; i++) await pool.#launch(i, settings.udpPort === 0 ? 0 : settings.udpPort + i)
    } catch (error) {
      await pool.close()
      throw error
    }
    return pool
  }

  get ports(): number[] {
    return this.#workers.map(({ port }) => port)
  }

  get workers(): readonly WorkerProcess[] {
    return this.#workers
  }

  /** The worker that holds the room, or is to hold it; undefined when none is alive. */
  assign(room: string): WorkerProcess | undefined {
    const holder = this.#rooms.get(room)
    if (holder?.isAlive === true) return holder
    const counts = new Map<WorkerProcess, number>(this.#workers.filter(({ isAlive }) => isAlive).map((worker) => [worker, 0]))
    for (const worker of this.#rooms.values()) counts.set(worker, (counts.get(worker) ?? 0) + 1)
    const [chosen] = [...counts.entries()].filter(([worker]) => worker.isAlive).sort((a, b) => a[1] - b[1])[0] ?? []
    if (chosen !== undefined) this.#rooms.set(room, chosen)
    return chosen
  }

  /** Resolves when some worker is alive, or after AVAILABLE_MS: after a crash of the only one, clients come back at once. */
  async available(): Promise<void> {
    if (this.#isClosing || this.#workers.some(({ isAlive }) => isAlive)) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, AVAILABLE_MS)
      this.#waiting.add(done)
    })
  }

  /** The worker that holds the room now. */
  find(room: string): WorkerProcess | undefined {
    const worker = this.#rooms.get(room)
    return worker?.isAlive === true ? worker : undefined
  }

  forget(room: string, worker: WorkerProcess): void {
    if (this.#rooms.get(room) === worker) this.#rooms.delete(room)
  }

  async metrics(): Promise<WorkerMetrics[]> {
    const all = await Promise.all(this.#workers.map((worker) => worker.metrics()))
    return all.filter((metrics) => metrics !== undefined)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    for (const done of this.#waiting) done()
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }

  async #launch(index: number, udpPort: number): Promise<void> {
    const worker: WorkerProcess = await WorkerProcess.start(
      { ...this.#settings, udpPort },
      {
        message: (message) => this.#events.message(worker, message),
        exited: (code) => this.#onExit(index, worker, code),
      },
    )
    this.#workers[index] = worker
    if (this.#isClosing) await worker.stop()
    for (const done of this.#waiting) done()
  }

  #onExit(index: number, worker: WorkerProcess, code: number | null): void {
    if (this.#isClosing) return
    const rooms = [...this.#rooms].filter(([, holder]) => holder === worker).map(([room]) => room)
    for (const room of rooms) this.#rooms.delete(room)
    this.#log.error({ code, rooms: rooms.length, port: worker.port }, 'a media worker ended; its clients reconnect')
    this.#relaunch(index, worker.port)
    this.#events.lost(worker, rooms)
  }

  #relaunch(index: number, port: number): void {
    if (this.#isClosing) return
    this.#launch(index, port).catch((error: unknown) => {
      this.#log.error({ reason: String(error), port }, 'a media worker could not be started again')
      setTimeout(() => this.#relaunch(index, port), RESTART_MS)
    })
  }
}
