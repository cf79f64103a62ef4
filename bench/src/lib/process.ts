import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const root = join(import.meta.dirname, '..', '..', '..')

export interface Running {
  url: string
  child: ChildProcess
  /** Milliseconds from the start of the process to the line that says it is ready. */
  startMs: number
  stop(): Promise<void>
}

/** Start a program of ours and wait for the line that ends in its address. */
export async function start(file: string, args: string[], env: Record<string, string> = {}): Promise<Running> {
  const began = performance.now()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, file), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const ready = /ready:? (http\S+)$/.exec(line)
      if (ready !== null) resolve(ready[1]!)
    })
    exited.then(([code]) => reject(new Error(`${file} ended with ${code}`)), reject)
  })
  return {
    url,
    child,
    startMs: performance.now() - began,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Start Parley on free ports on a data folder; without telephones unless `env` says otherwise. */
export function startParley(dataFolder: string, env: Record<string, string> = {}): Promise<Running> {
  return start('apps/server/src/main.ts', [], {
    PARLEY_DATA: dataFolder,
    PARLEY_PORT: '0',
    PARLEY_HTTPS_PORT: '0',
    PARLEY_MEDIA_PORT: '0',
    PARLEY_SIP_PORT: 'off',
    PARLEY_LOG_LEVEL: 'warn',
    ...env,
  })
}

/** A folder that is gone when the program ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Resident memory in MiB (proc(5), VmRSS). */
export function residentMiB(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kibibytes) / 1024
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
