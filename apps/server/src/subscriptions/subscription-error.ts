export type SubscriptionProblem = 'handshake' | 'quota' | 'taken' | 'missing' | 'busy'

/** Why a subscription is refused; each protocol has its own words for the reasons. `retryAfter` is in seconds. */
export class SubscriptionError extends Error {
  readonly reason: SubscriptionProblem
  readonly retryAfter: number | undefined
  constructor(reason: SubscriptionProblem, message: string, retryAfter?: number) {
    super(message)
    this.name = 'SubscriptionError'
    this.reason = reason
    this.retryAfter = retryAfter
  }
}
