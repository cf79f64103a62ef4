import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../lib/child.ts'

const folder = join(import.meta.dirname, '..', 'python')
const cache = join(import.meta.dirname, '..', '..', '..', '.cache', 'python-graph')

/**
 * The folder of programs of a virtual environment with the packages of python/requirements.txt, from PyPI by its own
 * client; made once, kept in .cache. Throws with what to install when Python cannot make one.
 */
export async function pythonPrograms(): Promise<string> {
  const requirements = join(folder, 'requirements.txt')
  const wanted = readFileSync(requirements, 'utf8')
  const stamp = join(cache, 'requirements.stamp')
  const programs = join(cache, 'bin')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return programs
  mkdirSync(cache, { recursive: true })
  await succeed('python3', ['-m', 'venv', cache], 'Python with venv is needed: apt-get install python3-venv')
  // Compiling beforehand takes minutes: msgraph-sdk has some 20,000 files, of which a program imports few.
  const options = ['--quiet', '--no-compile', '--disable-pip-version-check']
  await succeed(join(programs, 'pip'), ['install', ...options, '-r', requirements])
  writeFileSync(stamp, wanted)
  return programs
}

/** A script of python/. */
export const pythonScript = (name: string) => join(folder, name)

async function succeed(command: string, args: string[], hint = ''): Promise<void> {
  const { code, stdout, stderr } = await run(command, args).catch((error: Error) => ({
    ...{ code: 127, stdout: '' },
    stderr: error.message,
  }))
  if (code !== 0) throw new Error(`${command} ended with status ${code}. ${hint}\n${stderr || stdout}`)
}
