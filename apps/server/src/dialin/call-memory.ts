import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { CallMemory } from '@parley/sip'

/** Calls answered and ended within this time are written down once. */
const settleMs = 50

/** The calls that are up, in a file: after a crash nobody else knows whom to hang up on. */
export class CallMemories {
  readonly #path: string
  readonly #onError: (error: unknown) => void
  #timer: NodeJS.Timeout | undefined

  constructor(path: string, onError: (error: unknown) => void) {
    this.#path = path
    this.#onError = onError
  }

  /** The calls of the process before this one; none after it ended in order. */
  lost(): CallMemory[] {
    try {
      const read: unknown = JSON.parse(readFileSync(this.#path, 'utf8'))
      return Array.isArray(read) ? (read as CallMemory[]) : []
    } catch {
      // No file, or one cut off by the crash.
      return []
    }
  }

  /** Write down what is up a moment from now. */
  changed(memories: () => CallMemory[]): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#write(memories())
    }, settleMs).unref()
  }

  /** Nothing is up any more. */
  clear(): void {
    clearTimeout(this.#timer)
    rmSync(this.#path, { force: true })
  }

  #write(memories: CallMemory[]): void {
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(memories), { mode: 0o600 })
      renameSync(`${this.#path}.new`, this.#path)
    } catch (error) {
      this.#onError(error)
    }
  }
}
