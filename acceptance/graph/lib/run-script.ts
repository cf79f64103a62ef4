import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Dev } from '../../lib/server.ts'

/** What a script is given, in the environment variable `CASE`. */
export interface Case {
  dev: Dev
  [name: string]: unknown
}

/**
 * Run `scripts/<name>.ts` in a process of its own, which trusts the server's certificate from the start as an SDK's user
 * would have it. Its assertions are the test; throws with what it printed when it fails. Returns its last line, parsed.
 */
export async function runScript(name: string, given: Case): Promise<unknown> {
  const script = join(import.meta.dirname, '..', 'scripts', `${name}.ts`)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--no-warnings', script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: given.dev.caFile, NODE_OPTIONS: '', CASE: JSON.stringify(given) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) throw new Error(`${name} ended with status ${status}:\n${errors}\n${output}`)
  const last = output.trim().split('\n').at(-1) ?? ''
  return last === '' ? undefined : JSON.parse(last)
}

/** The case a script was given. */
export function readCase<T extends Case>(): T {
  return JSON.parse(process.env.CASE ?? '{}') as T
}
