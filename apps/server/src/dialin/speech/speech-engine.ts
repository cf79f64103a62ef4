import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Clip, readWav } from '@parley/sip/media'

/** A program that reads text on standard input and writes a WAV of it on standard output. `{lang}` becomes en or es. */
export type SpeechCommand = readonly [program: string, ...args: string[]]

const mostMs = 4_000
const mostBytes = 2_000_000
/** The longest sound taken, in samples at 8 kHz: nobody's name takes six seconds. */
const mostSamples = 6 * 8_000

/** espeak-ng where it is installed. It is a program of its own: neither its licence nor its faults are the server's. */
export function findSpeechCommand(path = process.env.PATH ?? ''): SpeechCommand | null {
  for (const folder of path.split(delimiter)) {
    const program = join(folder, 'espeak-ng')
    try {
      accessSync(program, constants.X_OK)
      return [program, '-v', '{lang}', '-s', '150', '--stdin', '--stdout']
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/** Have a sentence spoken, as 8 kHz PCM. Rejects when the program fails, takes too long, or writes something else. */
export async function speak([program, ...args]: SpeechCommand, text: string, lang: 'en' | 'es'): Promise<Clip> {
  const child = spawn(
    program,
    args.map((arg) => arg.replaceAll('{lang}', lang)),
    // No shell, nothing of the server's own environment.
    { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', PARLEY_SPEECH_LANG: lang } },
  )
  const timer = setTimeout(() => child.kill('SIGKILL'), mostMs)
  const parts: Buffer[] = []
  let bytes = 0
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > mostBytes) child.kill('SIGKILL')
    else parts.push(part)
  })
  // A program that does not read what it is told ends the pipe early.
  child.stdin.on('error', () => {})
  child.stdin.end(`${text}\n`)
  try {
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (...ended) => resolve(ended))
    })
    if (code !== 0) throw new Error(`the engine of speech ended with ${signal ?? code}`)
    const clip = readWav(Buffer.concat(parts))
    if (clip.length === 0) throw new Error('the engine of speech said nothing')
    return clip.slice(0, mostSamples)
  } finally {
    clearTimeout(timer)
  }
}
