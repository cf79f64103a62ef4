import { Session } from 'node:inspector/promises'

type Ranges = { functions: { ranges: { count: number }[] }[] }

/**
 * Counts the steps of synchronous work: how often each block of code outside Node ran (V8's precise coverage), and the length of
 * what built-in functions of texts and lists had to look at. No clock is read, so that a busy machine changes nothing;
 * what regular expressions take is proved by scripts/regexps.mjs and counts as the length of their text.
 */
export class StepCounter {
  readonly #session = new Session()
  #built = 0

  async start(): Promise<void> {
    this.#session.connect()
    await this.#session.post('Profiler.enable')
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  async stop(): Promise<void> {
    await this.#session.post('Profiler.stopPreciseCoverage')
    this.#session.disconnect()
  }

  /** The steps one run takes. What it throws is part of the run. */
  async count(work: () => unknown): Promise<number> {
    await this.#session.post('Profiler.takePreciseCoverage')
    this.#built = 0
    const restore = this.#watchBuiltIns()
    try {
      work()
    } catch {
      // Refusing takes steps too.
    } finally {
      restore()
    }
    const { result } = (await this.#session.post('Profiler.takePreciseCoverage')) as unknown as {
      result: ({ url: string } & Ranges)[]
    }
    const ours = result.filter(({ url }) => url.startsWith('file:') && !url.includes('/test/'))
    const blocks = ours.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
    return this.#built + blocks.reduce((sum, each) => sum + each, 0)
  }

  #watchBuiltIns(): () => void {
    const undo: (() => void)[] = []
    const watch = <T extends object>(owner: T, name: string, cost: (self: unknown, result: unknown, from: number) => number) => {
      const original = Reflect.get(owner, name) as (...values: unknown[]) => unknown
      const count = (amount: number) => {
        this.#built += amount
      }
      Reflect.set(owner, name, function (this: unknown, ...values: unknown[]) {
        const result = Reflect.apply(original, this, values)
        count(cost(this, result, typeof values[1] === 'number' ? values[1] : 0))
        return result
      })
      undo.push(() => Reflect.set(owner, name, original))
    }
    const lengthOf = (value: unknown) => (typeof value === 'string' || Array.isArray(value) ? value.length : 1)
    for (const name of [
      'split',
      'replace',
      'replaceAll',
      'match',
      'trim',
      'trimEnd',
      'toLowerCase',
      'toUpperCase',
      'includes',
      'toWellFormed',
      'isWellFormed',
    ])
      watch(String.prototype, name, (self) => String(self).length)
    for (const name of ['slice', 'substring', 'padEnd', 'repeat'])
      watch(String.prototype, name, (_self, result) => lengthOf(result))
    watch(String.prototype, 'indexOf', (self, result, from) => (result === -1 ? String(self).length : Number(result)) - from + 1)
    for (const name of [
      'indexOf',
      'includes',
      'slice',
      'concat',
      'join',
      'find',
      'some',
      'every',
      'filter',
      'map',
      'flatMap',
      'shift',
      'sort',
    ])
      watch(Array.prototype, name, (self) => lengthOf(self))
    for (const name of ['getAll', 'has', 'get', 'delete', 'set'])
      watch(URLSearchParams.prototype, name, (self) => (self as URLSearchParams).size)
    return () => {
      for (const each of undo) each()
    }
  }
}
