import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds, far more than anything takes: a wait ends by what it waits for, and this says which never came. */
export const patience = 60_000

/**
 * Ask again until the answer is truthy, and return it; fails with `what` and the last answer after `timeout` milliseconds.
 * For things that have no event, such as statistics.
 */
export async function until<T>(what: string, ask: () => T | Promise<T>, timeout = patience): Promise<NonNullable<T>> {
  const end = Date.now() + timeout
  let last: unknown
  do {
    try {
      const answer = await ask()
      if (answer) return answer
      last = answer
    } catch (error) {
      last = error
    }
    await pause(50)
  } while (Date.now() < end)
  const seen = last instanceof Error ? last.message : JSON.stringify(last)
  throw new Error(`timed out after ${timeout} ms waiting for: ${what}; last answer: ${seen}`)
}
