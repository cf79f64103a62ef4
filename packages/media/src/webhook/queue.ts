import { setTimeout as delay } from 'node:timers/promises'
import type { WebhookEvent } from '@livekit/protocol'
import type { Log } from '../common/log.ts'
import type { Tokens } from '../token/token.ts'

export interface WebhookTarget {
  url: string
  /** API key whose secret signs. */
  key: string
}

const RETRY_MS = [200, 500, 1_000, 2_000, 5_000, 10_000]
const REQUEST_MS = 10_000
const MAX_QUEUED = 10_000

/** Delivers events to the targets: in order for each room, retried, signed as LiveKit signs them. */
export class WebhookQueue {
  readonly #targets: WebhookTarget[]
  readonly #tokens: Tokens
  readonly #log: Log
  readonly #queues = new Map<string, WebhookEvent[]>()
  readonly #abort = new AbortController()
  readonly #idle: (() => void)[] = []
  #dropped = 0

  constructor(targets: WebhookTarget[], tokens: Tokens, log: Log) {
    this.#targets = targets
    this.#tokens = tokens
    this.#log = log
  }

  /** Queues an event of a room. When the receiver is down for long the newest are dropped and counted. */
  push(room: string, event: WebhookEvent): void {
    for (const target of this.#targets) {
      const key = `${target.url} ${room}`
      const queue = this.#queues.get(key)
      if (queue === undefined) {
        const started = [event]
        this.#queues.set(key, started)
        void this.#drain(key, target, started)
      } else if (queue.length < MAX_QUEUED) queue.push(event)
      else this.#dropped++
    }
  }

  /** Waits until everything queued is delivered or given up, at most `ms` milliseconds. */
  async flush(ms: number): Promise<void> {
    if (this.#queues.size === 0) return
    await Promise.race([new Promise<void>((resolve) => this.#idle.push(resolve)), delay(ms, undefined, { ref: false })])
  }

  close(): void {
    this.#abort.abort()
  }

  async #drain(key: string, target: WebhookTarget, queue: WebhookEvent[]): Promise<void> {
    while (queue.length > 0 && !this.#abort.signal.aborted) {
      await this.#deliver(target, queue[0]!)
      queue.shift()
    }
    this.#queues.delete(key)
    if (this.#queues.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #deliver(target: WebhookTarget, event: WebhookEvent): Promise<void> {
    event.numDropped = this.#dropped
    const body = Buffer.from(event.toJsonString())
    for (let attempt = 0; !this.#abort.signal.aborted; attempt++) {
      let reason: string
      try {
        const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(REQUEST_MS)])
        const authorization = await this.#tokens.signBody(target.key, body)
        const headers = { 'content-type': 'application/webhook+json', authorization }
        const response = await fetch(target.url, { method: 'POST', headers, body, signal })
        await response.body?.cancel()
        if (response.ok) return
        reason = `status ${response.status}`
        // The receiver understood and refused: saying it again changes nothing.
        if (response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429) break
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error)
      }
      const wait = RETRY_MS[attempt]
      if (wait === undefined) {
        this.#log.warn({ event: event.event, reason }, 'a webhook could not be delivered')
        return
      }
      await delay(wait, undefined, { signal: this.#abort.signal, ref: false }).catch(() => {})
    }
  }
}
