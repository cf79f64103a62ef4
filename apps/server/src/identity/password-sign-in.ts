import type { Clock } from '../common/clock.ts'
import { RateLimit } from '../common/rate-limit.ts'
import type { Directory, User } from './directory.ts'
import { verifyNothing, verifySecret } from './secret-hash.ts'

/** `seconds` is the wait until the next try is looked at. */
export type SignInOutcome = { kind: 'user'; user: User } | { kind: 'wrong'; user?: User } | { kind: 'wait'; seconds: number }

const longestPassword = 1024
const longestUpn = 256

/**
 * Passwords of the directory's people. Wrong ones are counted for the account from one address (strictly), for the
 * address, and for the account from everywhere (generously, so that nobody is shut out of their account by a stranger).
 */
export class PasswordSignIn {
  readonly #directory: Directory
  readonly #throttles: readonly { throttle: RateLimit; key: (upn: string, address: string) => string }[]

  constructor(directory: Directory, clock: Clock) {
    this.#directory = directory
    const millis = () => clock.millis()
    this.#throttles = [
      { throttle: new RateLimit({ burst: 5, perSecond: 1 / 60, millis }), key: (upn, address) => `${upn} ${address}` },
      { throttle: new RateLimit({ burst: 30, perSecond: 1 / 10, millis }), key: (_upn, address) => address },
      { throttle: new RateLimit({ burst: 100, perSecond: 1 / 36, millis }), key: (upn) => upn },
    ]
  }

  /** Whose password it is. The same time is spent whether the account exists or not. */
  async verify(upn: string, password: string, address: string): Promise<SignInOutcome> {
    const name = upn.trim().toLowerCase()
    if (name.length > longestUpn || password.length > longestPassword) return { kind: 'wrong' }
    // Taken before the hash is computed, so that many tries at once count as many.
    const taken = this.#throttles.map(({ throttle, key }) => ({ throttle, key: key(name, address) }))
    const seconds = Math.max(...taken.map(({ throttle, key }) => throttle.wait(key)))
    if (seconds > 0) return { kind: 'wait', seconds }
    for (const { throttle, key } of taken) throttle.take(key)
    const user = await this.#directory.findUserByUpn(name)
    if (user === undefined || user.password_hash === null || user.enabled === 0) {
      await verifyNothing(password)
      return user === undefined ? { kind: 'wrong' } : { kind: 'wrong', user }
    }
    if (!(await verifySecret(password, user.password_hash))) return { kind: 'wrong', user }
    for (const { throttle, key } of taken) throttle.restore(key)
    return { kind: 'user', user }
  }
}
