import { join } from 'node:path'
import { type Finished, run } from './child.ts'
import type { Server } from './server.ts'

const program = join(import.meta.dirname, '..', '..', 'scripts', 'parley.mjs')

/** `npx parley …` on a server's data folder. */
export async function parley(server: Pick<Server, 'dataFolder'>, ...args: string[]): Promise<Finished> {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_')))
  return run(process.execPath, [program, ...args], { ...environment, PARLEY_DATA: server.dataFolder })
}
