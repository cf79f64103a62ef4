import { readSessionExpires, type SessionTimer, sessionDelays } from '../dialog/session-timer.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { TimerSet } from '../transaction/timers.ts'

/** What the session timer of a call does (RFC 4028 section 10): `refresh` when it is our turn, `expired` when nobody did. */
export class SessionRefresher {
  readonly #timers: TimerSet
  readonly #refresh: () => void
  readonly #expired: () => void
  #timer: SessionTimer | undefined

  constructor(timers: TimerSet, refresh: () => void, expired: () => void) {
    this.#timers = timers
    this.#refresh = refresh
    this.#expired = expired
  }

  get timer(): SessionTimer | undefined {
    return this.#timer
  }

  /** Start, or start over after a refresh; nothing means the call has no timer. */
  start(timer: SessionTimer | undefined): void {
    this.#timer = timer
    this.#timers.stop('session')
    if (!timer) return
    const { refresh, expire } = sessionDelays(timer)
    if (timer.refresher === 'us') this.#timers.start('session', refresh, this.#refresh)
    else this.#timers.start('session', expire, this.#expired)
  }

  /** What our refresh says. */
  headers(): [string, string][] {
    if (!this.#timer) return []
    return [
      ['Supported', 'timer'],
      ['Session-Expires', `${this.#timer.interval};refresher=uac`],
    ]
  }

  /** Take the answer to our refresh. True when it must be sent again, with a longer interval. */
  answered(response: SipResponse): boolean {
    if (!this.#timer) return false
    if (response.status === 422) {
      const minimum = Number(response.headers.get('Min-SE')?.split(';', 1)[0] ?? 0)
      if (!(minimum > this.#timer.interval)) return false
      this.#timer = { ...this.#timer, interval: minimum }
      return true
    }
    const said = readSessionExpires(response.headers.get('Session-Expires'))
    // In the answer to our request, "uac" is us.
    this.start(said ? { interval: said.interval, refresher: said.refresher === 'uas' ? 'peer' : 'us' } : this.#timer)
    return false
  }

  /** Whether the peer takes UPDATE, which needs no new session description (RFC 3311). */
  static takesUpdate(request: SipRequest): boolean {
    return request.headers.tokens('Allow').includes('update')
  }
}
