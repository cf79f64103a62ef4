/** The items of an iterable until a signal aborts, whether or not the iterable itself heeds it. */
export async function* untilAborted<Item>(items: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item, void> {
  const iterator = items[Symbol.asyncIterator]()
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  try {
    for (;;) {
      const next = iterator.next()
      // An iterator left behind may still fail; nobody is there to hear it.
      next.catch(() => {})
      const result = await Promise.race([next, aborted])
      if (!result || result.done || signal.aborted) return
      yield result.value
    }
  } finally {
    void iterator.return?.()?.catch(() => {})
  }
}
