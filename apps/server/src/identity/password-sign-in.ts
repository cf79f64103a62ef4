import type { Clock } from '../common/clock.ts'
import { type FairQueue, QueueFullError } from '../common/fair-queue.ts'
import { neighbourhoodOf, senderOf } from '../common/network.ts'
import { RateLimit } from '../common/rate-limit.ts'
import type { Directory, User } from './directory.ts'
import { knownDevice } from './known-device.ts'
import { hashingQueue, verifyNothing, verifySecret } from './secret-hash.ts'

/** `seconds` is the wait until the next try is looked at. */
export type SignInOutcome = { kind: 'user'; user: User } | { kind: 'wrong'; user?: User } | { kind: 'wait'; seconds: number }

/** Where a password comes from: the address, and the cookie of known devices (known-device.ts) or the session it was sent in. */
export interface SignInSource {
  address: string
  device?: string | undefined
  session?: string | undefined
}

const longestPassword = 1024
const longestUpn = 256

interface Taken {
  throttle: RateLimit
  key: string
}

/**
 * Passwords of the directory's people. A device on which somebody has signed in before has a budget of wrong tries of its
 * own, and so has each session, so that no stranger shuts them out. All other tries are counted for the account from one
 * sender (strictly), for the sender, and for the account from everywhere; when those are used up, a neighbourhood that has
 * not tried this account for an hour still has one, of a second budget.
 */
export class PasswordSignIn {
  readonly #directory: Directory
  readonly #hashing: FairQueue
  readonly #ownBudget: RateLimit
  readonly #bySenderAndAccount: RateLimit
  readonly #bySender: RateLimit
  readonly #byAccount: RateLimit
  readonly #newcomers: RateLimit
  readonly #triedBefore: RateLimit

  constructor(directory: Directory, clock: Clock, hashing: FairQueue = hashingQueue()) {
    this.#directory = directory
    this.#hashing = hashing
    const throttle = (burst: number, perSecond: number) => new RateLimit({ burst, perSecond, millis: () => clock.millis() })
    this.#ownBudget = throttle(10, 1 / 60)
    this.#bySenderAndAccount = throttle(5, 1 / 60)
    this.#bySender = throttle(30, 1 / 10)
    this.#byAccount = throttle(100, 1 / 36)
    this.#newcomers = throttle(20, 1 / 60)
    this.#triedBefore = throttle(1, 1 / 3600)
  }

  /** Whose password it is. The same work is done whether the account exists or not. */
  async verify(upn: string, password: string, source: SignInSource): Promise<SignInOutcome> {
    const name = upn.trim().toLowerCase()
    if (name.length > longestUpn || password.length > longestPassword) return { kind: 'wrong' }
    const user = await this.#directory.users.findByUpn(name)
    const known = user === undefined ? undefined : (source.session ?? knownDevice(source.device, user))
    // Taken before the hash is computed, so that many tries at once count as many.
    const taken = known === undefined ? this.#takeUnknown(name, source.address) : this.#takeKnown(`${user!.id} ${known}`)
    if (typeof taken === 'number') return { kind: 'wait', seconds: taken }
    try {
      const right = await this.#hashing.run(senderOf(source.address), () => this.#isRight(user, password))
      if (!right) return user === undefined ? { kind: 'wrong' } : { kind: 'wrong', user }
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error
      giveBack(taken)
      return { kind: 'wait', seconds: error.seconds }
    }
    giveBack(taken)
    return { kind: 'user', user: user! }
  }

  #isRight(user: User | undefined, password: string): Promise<boolean> {
    if (user === undefined || user.passwordHash === null || !user.enabled) return verifyNothing(password)
    return verifySecret(password, user.passwordHash)
  }

  #takeKnown(key: string): Taken[] | number {
    const seconds = this.#ownBudget.take(key)
    return seconds > 0 ? seconds : [{ throttle: this.#ownBudget, key }]
  }

  #takeUnknown(upn: string, address: string): Taken[] | number {
    const [sender, neighbourhood] = [senderOf(address), neighbourhoodOf(address)]
    const pair = { throttle: this.#bySenderAndAccount, key: `${upn} ${sender}` }
    const own = { throttle: this.#bySender, key: sender }
    const seconds = Math.max(pair.throttle.wait(pair.key), own.throttle.wait(own.key))
    if (seconds > 0) return seconds
    const account = this.#accountBudget(upn, neighbourhood)
    if (typeof account === 'number') return account
    const taken = [pair, own, ...account]
    for (const { throttle, key } of taken) throttle.take(key, neighbourhood)
    return taken
  }

  #accountBudget(upn: string, neighbourhood: string): Taken[] | number {
    const first = { throttle: this.#triedBefore, key: `${upn} ${neighbourhood}` }
    const isFirst = first.throttle.wait(first.key) === 0
    const account = { throttle: this.#byAccount, key: upn }
    const seconds = account.throttle.wait(upn)
    if (seconds === 0) return isFirst ? [account, first] : [account]
    const newcomer = { throttle: this.#newcomers, key: upn }
    return isFirst && newcomer.throttle.wait(upn) === 0 ? [newcomer, first] : seconds
  }
}

function giveBack(taken: readonly Taken[]): void {
  for (const { throttle, key } of taken) throttle.restore(key)
}
