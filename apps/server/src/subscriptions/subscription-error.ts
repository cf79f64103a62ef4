/** Why a subscription is refused; each protocol has its own words for the reasons. */
export class SubscriptionError extends Error {
  readonly reason: 'handshake' | 'quota' | 'taken' | 'missing'
  constructor(reason: 'handshake' | 'quota' | 'taken' | 'missing', message: string) {
    super(message)
    this.name = 'SubscriptionError'
    this.reason = reason
  }
}
