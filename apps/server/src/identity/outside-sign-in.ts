import type { SignInIssuer } from '../config/config.ts'

/** OpenID providers outside that vouch for people of the directory. */
export class OutsideSignIn {
  readonly #issuers: readonly SignInIssuer[]

  constructor(issuers: readonly SignInIssuer[]) {
    this.#issuers = issuers
  }

  /** What the sign-in page offers; the id stands in its addresses. */
  offered(): { id: string; name: string }[] {
    return this.#issuers.map(({ name }, index) => ({ id: String(index + 1), name }))
  }
}
