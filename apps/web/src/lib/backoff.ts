/** Milliseconds to wait before try number `attempt` (0, 1, 2 …): doubling, capped at 5 s, with up to a third taken off at random. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(5000, 250 * 2 ** Math.min(attempt, 10))
  return Math.round(whole * (1 - random() / 3))
}

/** Wait `ms` milliseconds; resolves early (without an error) when `signal` is aborted or the browser comes back online. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      globalThis.removeEventListener?.('online', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    globalThis.addEventListener?.('online', done)
    if (signal?.aborted) done()
  })
}
