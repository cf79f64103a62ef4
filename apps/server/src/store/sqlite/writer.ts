import { Worker } from 'node:worker_threads'
import type {
  SqlError,
  Statement,
  StatementResult,
  UnitStatement,
  WriterOptions,
  WriterReply,
  WriterRequest,
} from './messages.ts'

/** An error SQLite reported, with its extended result code. */
export class SqliteError extends Error {
  readonly code: number
  constructor(error: SqlError) {
    super(error.message)
    this.name = 'SqliteError'
    this.code = error.code
  }
}

interface Waiter {
  resolve(value: StatementResult[] | undefined): void
  reject(error: Error): void
}

/** One transaction step by step; every call waits for the writer's thread. */
export interface InteractiveTransaction {
  run(statement: Statement): Promise<StatementResult>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** The main thread's side of the writer: nothing here blocks on the disk. */
export class Writer {
  readonly #worker: Worker
  readonly #waiters = new Map<number, Waiter>()
  readonly #steps = new Map<string, { resolve(value: StatementResult): void; reject(error: Error): void }>()
  readonly #queue: (() => void)[] = []
  #busy = false
  #lastId = 0
  #failure: Error | undefined
  #closed: (() => void) | undefined

  constructor(options: WriterOptions) {
    this.#worker = new Worker(new URL(import.meta.resolve('#writer-thread')), { workerData: options })
    this.#worker.on('message', (reply: WriterReply) => this.#receive(reply))
    this.#worker.on('error', (error) => this.#fail(error as Error))
  }

  /**
   * Run statements as one transaction; resolves when they are on disk. Undefined when one that must have an effect had
   * none: nothing is stored then.
   */
  unit(statements: readonly UnitStatement[], about?: readonly string[]): Promise<StatementResult[] | undefined> {
    return new Promise((resolve, reject) => {
      this.#enqueue(() => {
        const id = this.#nextId()
        this.#waiters.set(id, { resolve, reject })
        this.#post({ kind: 'unit', id, statements, ...(about === undefined ? {} : { about }) })
      })
    })
  }

  /** Open a transaction that decides as it goes. Others wait until it ends, so keep it short. */
  begin(): Promise<InteractiveTransaction> {
    return new Promise((resolve, reject) => {
      this.#enqueue(() => {
        const id = this.#nextId()
        this.#busy = true
        this.#steps.set(`${id}:-1`, {
          resolve: () => resolve(this.#transaction(id)),
          reject: (error) => {
            this.#release()
            reject(error)
          },
        })
        this.#post({ kind: 'begin', id })
      })
    })
  }

  async close(): Promise<void> {
    if (this.#failure) return
    await new Promise<void>((resolve) => {
      this.#closed = resolve
      this.#enqueue(() => this.#post({ kind: 'close' }))
    })
    await this.#worker.terminate()
  }

  #transaction(id: number): InteractiveTransaction {
    let lastStep = 0
    const end = (kind: 'commit' | 'rollback') =>
      new Promise<void>((resolve, reject) => {
        this.#waiters.set(id, { resolve: () => resolve(), reject })
        this.#post({ kind, id })
        this.#release()
      })
    return {
      run: (statement) =>
        new Promise((resolve, reject) => {
          const step = ++lastStep
          this.#steps.set(`${id}:${step}`, { resolve, reject })
          this.#post({ kind: 'step', id, step, statement })
        }),
      commit: () => end('commit'),
      rollback: () => end('rollback'),
    }
  }

  #enqueue(job: () => void): void {
    if (this.#busy) this.#queue.push(job)
    else job()
  }

  #release(): void {
    this.#busy = false
    while (!this.#busy) {
      const job = this.#queue.shift()
      if (job === undefined) return
      job()
    }
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  #post(request: WriterRequest): void {
    if (this.#failure) this.#fail(this.#failure)
    else this.#worker.postMessage(request)
  }

  #receive(reply: WriterReply): void {
    switch (reply.kind) {
      case 'done':
      case 'refused':
      case 'failed': {
        const waiter = this.#waiters.get(reply.id)
        this.#waiters.delete(reply.id)
        if (reply.kind === 'done') waiter?.resolve(reply.results)
        else if (reply.kind === 'refused') waiter?.resolve(undefined)
        else waiter?.reject(new SqliteError(reply.error))
        return
      }
      case 'step':
      case 'step-failed': {
        const key = `${reply.id}:${reply.step}`
        const waiter = this.#steps.get(key)
        this.#steps.delete(key)
        if (reply.kind === 'step') waiter?.resolve(reply.result)
        else waiter?.reject(new SqliteError(reply.error))
        return
      }
      case 'closed':
        this.#closed?.()
    }
  }

  #fail(error: Error): void {
    this.#failure = error
    for (const waiter of [...this.#waiters.values(), ...this.#steps.values()]) waiter.reject(error)
    this.#waiters.clear()
    this.#steps.clear()
    this.#closed?.()
  }
}
