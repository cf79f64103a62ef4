import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Finished, run } from './child.ts'

const main = join(import.meta.dirname, '..', '..', 'apps', 'server', 'src', 'main.ts')

/** Start with these settings and expect it to end by itself. */
export async function refused(env: Record<string, string>): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'))
  const environment = {
    PATH: process.env.PATH,
    PARLEY_DATA: folder,
    PARLEY_PORT: '0',
    PARLEY_HTTPS_PORT: '0',
    PARLEY_MEDIA_PORT: '0',
    ...env,
  }
  const finished = await run(process.execPath, ['--disable-warning=ExperimentalWarning', main], environment)
  rmSync(folder, { recursive: true, force: true })
  return finished
}
