import { type Rate, TokenBucket } from '../common/token-bucket.ts'

/**
 * How often one client may do what costs others something. A state it tells of (muted, settings, permissions) is always taken
 * at once, only its effect on others is gathered; requests beyond the rate are refused, pings and data are dropped.
 */
const RATES = {
  /** Telling everybody what it is like now. */
  announce: { burst: 30, perSecond: 5 },
  /** Sharing its bandwidth out anew, beside the regular times. */
  settings: { burst: 100, perSecond: 20 },
  permission: { burst: 5, perSecond: 1 },
  metadata: { burst: 20, perSecond: 2 },
  addTrack: { burst: 40, perSecond: 4 },
  description: { burst: 100, perSecond: 10 },
  ping: { burst: 20, perSecond: 2 },
  /** Messages on the data channels; a file of 10 MB is some 700. */
  data: { burst: 1_000, perSecond: 200 },
  dataBytes: { burst: 12_000_000, perSecond: 1_000_000 },
  /** Of these, what an application sends reliably to everybody: reactions, commands. */
  userData: { burst: 150, perSecond: 30 },
} satisfies Record<string, Rate>

/** What one client has left of each rate. */
export class Rates {
  readonly #buckets = new Map<keyof typeof RATES, TokenBucket>()

  /** Takes from a rate; returns whether there was so much left. Milliseconds of a monotonic clock. */
  take(name: keyof typeof RATES, now: number, cost = 1): boolean {
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      bucket = new TokenBucket(RATES[name], now)
      this.#buckets.set(name, bucket)
    }
    return bucket.take(now, cost)
  }
}
