import { type Instant, instantFromMillis } from './instant.ts'

/** Where the time comes from; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  millis(): number
  now(): Instant
}

export const systemClock: Clock = {
  millis: () => Date.now(),
  now: () => instantFromMillis(Date.now()),
}
