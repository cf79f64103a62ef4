/** Too many wait for their turn already. `seconds`: when to ask again. */
export class TooManyTriesError extends Error {
  readonly seconds: number

  constructor(seconds: number) {
    super('too many wait for a try')
    this.name = 'TooManyTriesError'
    this.seconds = seconds
  }
}

/** Who tries: turns go round the groups, and within a group round its senders. */
export interface Trier {
  group: string
  sender: string
}

interface Waiting {
  trier: Trier
  begin(): void
  refuse(error: TooManyTriesError): void
}

export interface TryBudgetOptions {
  /** Wrong tries at once. */
  burst: number
  perSecond: number
  /** How many may wait for their turn; of more, those are refused first who have most. */
  waiting: number
  /** Milliseconds, for what has been refilled. */
  millis: () => number
}

/**
 * A budget of wrong tries that strangers share. Each try takes one before it is looked at, and gets it back when it was
 * right, so that many at once count as many in a row. Who finds none left waits, and turns go round: a right try of
 * somebody new is looked at after one of each other group that tries, `groups / perSecond` seconds at most.
 */
export class TryBudget {
  readonly #options: TryBudgetOptions
  readonly #groups = new Map<string, Map<string, Waiting[]>>()
  #count = 0
  #level: number
  #at: number
  #timer: NodeJS.Timeout | undefined

  constructor(options: TryBudgetOptions) {
    this.#options = options
    this.#level = options.burst
    this.#at = options.millis()
  }

  /** Nobody waits and nothing is used up: it may be forgotten. */
  get isIdle(): boolean {
    this.#refill()
    return this.#count === 0 && this.#level >= this.#options.burst
  }

  /**
   * Do the work when it is the trier's turn. Throws TooManyTriesError when too many wait, or when `signal` ended the wait.
   */
  async run<T>(trier: Trier, work: () => Promise<T>, isRight: (outcome: T) => boolean, signal?: AbortSignal): Promise<T> {
    this.#refill()
    if (this.#count > 0 || this.#level < 1) await this.#turn(trier, signal)
    else this.#level -= 1
    let right = false
    try {
      const outcome = await work()
      right = isRight(outcome)
      return outcome
    } finally {
      if (right) this.#giveBack(trier)
    }
  }

  #giveBack({ group, sender }: Trier): void {
    this.#level = Math.min(this.#options.burst, this.#level + 1)
    // Who was right may have others behind the same address who are right too: their turn stays with them.
    const own = this.#groups.get(group)
    const queue = own?.get(sender)
    if (own !== undefined && queue !== undefined) {
      moveFirst(this.#groups, group, own)
      moveFirst(own, sender, queue)
    }
    this.#serve()
  }

  #turn(trier: Trier, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        if (this.#remove(waiting)) reject(new TooManyTriesError(1))
      }
      const settled = (settle: () => void) => () => {
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const waiting: Waiting = {
        trier,
        begin: settled(resolve),
        refuse: (error) => settled(() => reject(error))(),
      }
      if (signal?.aborted) {
        reject(new TooManyTriesError(1))
        return
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#add(waiting)
      if (this.#count > this.#options.waiting) this.#refuseOne()
      this.#serve()
    })
  }

  #add(waiting: Waiting): void {
    const { group, sender } = waiting.trier
    const senders = this.#groups.get(group) ?? new Map<string, Waiting[]>()
    const queue = senders.get(sender) ?? []
    queue.push(waiting)
    senders.set(sender, queue)
    this.#groups.set(group, senders)
    this.#count += 1
  }

  #remove(waiting: Waiting): boolean {
    const { group, sender } = waiting.trier
    const senders = this.#groups.get(group)
    const queue = senders?.get(sender)
    const index = queue?.indexOf(waiting) ?? -1
    if (senders === undefined || queue === undefined || index < 0) return false
    queue.splice(index, 1)
    if (queue.length === 0) senders.delete(sender)
    if (senders.size === 0) this.#groups.delete(group)
    this.#count -= 1
    return true
  }

  /** The newest of the sender with most, in the group with most. */
  #refuseOne(): void {
    const size = (senders: Map<string, Waiting[]>) => [...senders.values()].reduce((sum, { length }) => sum + length, 0)
    const senders = greatest([...this.#groups.values()], size)
    const last = greatest([...senders.values()], ({ length }) => length).at(-1)!
    this.#remove(last)
    last.refuse(new TooManyTriesError(Math.max(1, Math.ceil(this.#options.waiting / this.#options.perSecond / 2))))
  }

  #serve(): void {
    this.#refill()
    while (this.#count > 0 && this.#level >= 1) {
      this.#level -= 1
      const [group, senders] = this.#groups.entries().next().value!
      const [sender, queue] = senders.entries().next().value!
      const next = queue[0]!
      this.#remove(next)
      // Both to the end of their rows.
      if (senders.delete(sender) && queue.length > 0) senders.set(sender, queue)
      if (this.#groups.delete(group) && senders.size > 0) this.#groups.set(group, senders)
      next.begin()
    }
    if (this.#count > 0) this.#serveLater()
  }

  #serveLater(): void {
    if (this.#timer !== undefined) return
    const ms = Math.ceil(((1 - this.#level) / this.#options.perSecond) * 1_000)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#serve()
    }, ms).unref()
  }

  #refill(): void {
    const now = this.#options.millis()
    const { burst, perSecond } = this.#options
    this.#level = Math.min(burst, this.#level + (Math.max(0, now - this.#at) / 1_000) * perSecond)
    this.#at = now
  }
}

function moveFirst<K, V>(map: Map<K, V>, key: K, value: V): void {
  const others = [...map].filter(([other]) => other !== key)
  map.clear()
  map.set(key, value)
  for (const [other, its] of others) map.set(other, its)
}

/** Of equals, the last: who has waited longest is the last to be refused. */
function greatest<T>(all: T[], size: (of: T) => number): T {
  return all.reduce((best, each) => (size(each) >= size(best) ? each : best))
}
