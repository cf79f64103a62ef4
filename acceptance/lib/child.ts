import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** Run a program to its end. */
export async function run(
  command: string,
  args: string[],
  env: Record<string, string | undefined> = process.env,
): Promise<Finished> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

/**
 * Run a TypeScript program of ours that trusts the server's CA: Node reads NODE_EXTRA_CA_CERTS only at its start, and the
 * SDKs under test give no other way. Resolves to the JSON it prints last.
 */
export async function runTrusting(caFile: string, program: string, args: string[]): Promise<unknown> {
  const node = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '..', program), ...args]
  const { code, stdout, stderr } = await run(process.execPath, node, { ...process.env, NODE_EXTRA_CA_CERTS: caFile })
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr || stdout}`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as unknown
}
