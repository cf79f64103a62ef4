import { neighbourhoodOf, senderOf } from '../../common/network.ts'
import { RateLimit } from '../../common/rate-limit.ts'
import { TooManyTriesError, TryBudget } from '../../common/try-budget.ts'
import { DoorError } from '../admission/door-error.ts'

/** Wrong tries of one person who is signed in, or of one browser that was in that meeting before. */
const own = { burst: 20, perSecond: 1 / 30 }
/** Wrong numbers and passcodes of everybody else, together. docs/access.md says what that means for guessers and newcomers. */
const server = { burst: 200, perSecond: 10, waiting: 300 }
/** Wrong passcodes of one meeting, of everybody else. */
const meeting = { burst: 50, perSecond: 4, waiting: 120 }

/** Whose try it is. */
export interface CodeTry {
  address: string
  /** What recognises them; undefined for strangers. */
  knownAs: string | undefined
  /** The meeting that exists and asks for a passcode. */
  meetingId: string | undefined
  /** Ends the wait when they have gone. */
  signal: AbortSignal
}

/** Tries of meeting numbers and passcodes: known people have budgets of their own, strangers share one, in fair turns. */
export class CodeTries {
  readonly #millis: () => number
  readonly #own: RateLimit
  readonly #server: TryBudget
  readonly #meetings = new Map<string, TryBudget>()

  constructor(millis: () => number) {
    this.#millis = millis
    this.#own = new RateLimit({ ...own, millis })
    this.#server = new TryBudget({ ...server, millis })
  }

  /** Look whether a try is right when its turn has come. Throws DoorError TooManyTries. */
  async look({ address, knownAs, meetingId, signal }: CodeTry, isRight: () => boolean): Promise<boolean> {
    if (knownAs !== undefined && this.#own.take(knownAs) === 0) {
      const right = isRight()
      if (right) this.#own.restore(knownAs)
      return right
    }
    const trier = { group: neighbourhoodOf(address), sender: senderOf(address) }
    const byServer = () => this.#server.run(trier, async () => isRight(), Boolean, signal)
    try {
      if (meetingId === undefined) return await byServer()
      return await this.#ofMeeting(meetingId).run(trier, byServer, Boolean, signal)
    } catch (error) {
      if (error instanceof TooManyTriesError) throw new DoorError('TooManyTries', { retryAfter: error.seconds })
      throw error
    }
  }

  #ofMeeting(id: string): TryBudget {
    const known = this.#meetings.get(id)
    if (known !== undefined) return known
    if (this.#meetings.size >= 1_000) for (const [key, budget] of this.#meetings) if (budget.isIdle) this.#meetings.delete(key)
    const budget = new TryBudget({ ...meeting, millis: this.#millis })
    this.#meetings.set(id, budget)
    return budget
  }
}
