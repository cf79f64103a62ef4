import { Session } from 'node:inspector'

/** What some code did: a figure that no other load on the machine changes. */
export interface Work {
  /** Blocks of this package's code that were entered, and characters its calls of String's own methods went over. */
  steps: number
  /** Regular expressions that ran, by their text. */
  expressions: Map<string, RegExp>
}

const longMethods = ['indexOf', 'lastIndexOf', 'includes', 'split', 'trim', 'trimEnd', 'toLowerCase', 'toUpperCase'] as const

/**
 * Count the work of `run`, by V8's precise coverage of the files whose URL has `part` in it. Code that V8 runs itself is
 * not seen by that: String's methods are counted by the characters they may go over, regular expressions only named.
 */
export class StepCounter {
  readonly #session = new Session()
  readonly #parts: string[]
  readonly #restore: (() => void)[] = []
  #characters = 0
  /** Set while something is counted. */
  #expressions: Work['expressions'] | undefined

  /** Counts in the files whose address has one of these parts. */
  constructor(...parts: string[]) {
    this.#parts = parts
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    this.#watchStrings()
    this.#watchExpressions()
  }

  count(run: () => void): Work {
    this.#take()
    this.#characters = 0
    const expressions: Work['expressions'] = new Map()
    this.#expressions = expressions
    run()
    this.#expressions = undefined
    const characters = this.#characters
    return { steps: this.#take() + characters, expressions }
  }

  close(): void {
    for (const restore of this.#restore) restore()
    this.#session.disconnect()
  }

  /** Blocks entered since it was asked last. */
  #take(): number {
    let blocks = 0
    this.#session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error) throw error
      for (const { url, functions } of coverage.result)
        if (this.#parts.some((part) => url.includes(part)))
          for (const { ranges } of functions) for (const { count } of ranges) blocks += count
    })
    return blocks
  }

  #watchStrings(): void {
    for (const name of longMethods) {
      const own = Reflect.get(String.prototype, name) as (...args: unknown[]) => unknown
      const add = (characters: number) => {
        this.#characters += characters
      }
      this.#replace(String.prototype, name, function (this: string, ...args: unknown[]) {
        const result = Reflect.apply(own, this, args)
        // A search that finds something has gone no further.
        add(name === 'indexOf' && (result as number) >= 0 ? (result as number) - Number(args[1] ?? 0) : this.length)
        return result
      })
    }
  }

  #watchExpressions(): void {
    const { exec } = RegExp.prototype
    const note = (expression: RegExp) => this.#expressions?.set(String(expression), expression)
    // `test`, `replace`, `match` and `split` all come through here once it is not V8's own.
    this.#replace(RegExp.prototype, 'exec', function (this: RegExp, text: string) {
      note(this)
      return Reflect.apply(exec, this, [text]) as RegExpExecArray | null
    })
  }

  #replace(owner: object, name: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(owner, name)!
    Object.defineProperty(owner, name, { ...own, value })
    this.#restore.push(() => Object.defineProperty(owner, name, own))
  }
}

/** Every string of one to `most` of these characters. */
export function pieces(characters: string, most = 3): string[] {
  const all = [...characters]
  let last = all
  const found = [...all]
  for (let length = 2; length <= most; length++) {
    last = last.flatMap((piece) => all.map((char) => piece + char))
    found.push(...last)
  }
  return found
}
