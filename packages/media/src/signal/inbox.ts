import { TokenBucket } from '../common/token-bucket.ts'

/** What an honest client sends when it joins a room of hundreds, and later; a message costs 1, and 1 more for each 4 KiB. */
const PACE = { burst: 1_000, perSecond: 100 }
const BYTES_OF_COST = 4_096
/** What can wait: less than what one read of a socket holds, in the smallest messages there are. */
const MAX_WAITING = 50_000

/** A socket as far as its reading can be stopped and taken up again. */
export interface Pausable {
  pause(): void
  resume(): void
}

/**
 * Lets a client's messages through at a pace. What comes faster waits, in order, and the socket is not read meanwhile: TCP holds
 * the client back, so that a flood costs no memory here and nothing is lost of an honest burst.
 */
export class Inbox {
  readonly #socket: Pausable
  readonly #deliver: (data: Uint8Array) => void
  readonly #pace: TokenBucket
  readonly #clock: () => number
  readonly #waiting: Uint8Array[] = []
  #next = 0
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Pausable, deliver: (data: Uint8Array) => void, clock: () => number = () => performance.now()) {
    this.#clock = clock
    this.#socket = socket
    this.#deliver = deliver
    this.#pace = new TokenBucket(PACE, clock())
  }

  /** Takes a message. Returns false when more wait than a socket that was told to stop can still bring. */
  push(data: Uint8Array): boolean {
    if (this.#timer === undefined && this.#pace.take(this.#clock(), costOf(data))) {
      this.#deliver(data)
      return true
    }
    if (this.#waiting.length - this.#next >= MAX_WAITING) return false
    this.#waiting.push(data)
    if (this.#timer === undefined) {
      this.#socket.pause()
      this.#wait()
    }
    return true
  }

  /** Nothing more is delivered. */
  close(): void {
    clearTimeout(this.#timer)
    this.#waiting.length = 0
    this.#next = 0
  }

  #wait(): void {
    const ms = this.#pace.wait(this.#clock(), costOf(this.#waiting[this.#next]!))
    this.#timer = setTimeout(() => this.#drain(), Math.max(10, ms))
  }

  #drain(): void {
    while (this.#next < this.#waiting.length && this.#pace.take(this.#clock(), costOf(this.#waiting[this.#next]!)))
      this.#deliver(this.#waiting[this.#next++]!)
    if (this.#next < this.#waiting.length) {
      this.#wait()
      return
    }
    this.#waiting.length = 0
    this.#next = 0
    this.#timer = undefined
    this.#socket.resume()
  }
}

function costOf(data: Uint8Array): number {
  return Math.min(PACE.burst, 1 + data.length / BYTES_OF_COST)
}
