import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toneFile } from './sound.ts'

/** An engine of speech that says everything as one tone, and notes what it was given to say. */
export class SpeechEngine {
  /** For PARLEY_SPEECH_COMMAND. */
  readonly command: string
  readonly #said: string

  constructor(frequency: number) {
    const folder = mkdtempSync(join(tmpdir(), 'parley-speech-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    this.#said = join(folder, 'said')
    writeFileSync(this.#said, '')
    const program = join(folder, 'engine.mjs')
    writeFileSync(
      program,
      `import { appendFileSync, readFileSync, writeSync } from 'node:fs'
appendFileSync(${JSON.stringify(this.#said)}, process.argv[2] + ' ' + readFileSync(0, 'utf8'))
writeSync(1, readFileSync(${JSON.stringify(toneFile(frequency, 1, 16_000))}))
`,
    )
    this.command = `${process.execPath} ${program} {lang}`
  }

  /** Each sentence, with its language before it. */
  get said(): string[] {
    return readFileSync(this.#said, 'utf8').split('\n').slice(0, -1)
  }
}
