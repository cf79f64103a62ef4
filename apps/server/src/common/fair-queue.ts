/** Too much waits already. `seconds`: when to try again. */
export class QueueFullError extends Error {
  readonly seconds: number

  constructor(seconds: number) {
    super('too much is waiting')
    this.name = 'QueueFullError'
    this.seconds = seconds
  }
}

interface Waiting {
  begin(): void
  refuse(error: QueueFullError): void
}

/**
 * Costly work, a few pieces at a time, and the rest in a bounded queue that takes one of each sender in turn: who sends a
 * thousand waits behind their own, and a newcomer waits for one of each other sender at most.
 */
export class FairQueue {
  readonly #atOnce: number
  readonly #waitingAtMost: number
  /** In the order in which senders are served next. */
  readonly #bySender = new Map<string, Waiting[]>()
  #running = 0
  #waiting = 0

  constructor(options: { atOnce: number; waiting: number }) {
    this.#atOnce = options.atOnce
    this.#waitingAtMost = options.waiting
  }

  /** Do the work when it is the sender's turn. Throws QueueFullError when the queue is full and the sender has most in it. */
  async run<T>(sender: string, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) await this.#turn(sender)
    else this.#running += 1
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  #turn(sender: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const own = this.#bySender.get(sender) ?? []
      own.push({ begin: resolve, refuse: reject })
      this.#bySender.set(sender, own)
      this.#waiting += 1
      if (this.#waiting > this.#waitingAtMost) this.#refuseOne()
    })
  }

  /** The newest of the sender with most. */
  #refuseOne(): void {
    const [sender, most] = [...this.#bySender].reduce((best, each) => (each[1].length > best[1].length ? each : best))
    const last = most.pop()!
    if (most.length === 0) this.#bySender.delete(sender)
    this.#waiting -= 1
    last.refuse(new QueueFullError(5))
  }

  #next(): void {
    const first = this.#bySender.entries().next().value
    if (first === undefined) {
      this.#running -= 1
      return
    }
    const [sender, own] = first
    const waiting = own.shift()!
    this.#bySender.delete(sender)
    if (own.length > 0) this.#bySender.set(sender, own)
    this.#waiting -= 1
    waiting.begin()
  }
}
