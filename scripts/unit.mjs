// npm run test:unit -- [--seed=N] [parts of paths]: the unit tests, with the seed that is written down.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { globSync } from './glob.mjs'
import { root, setup } from './setup.mjs'

const script = (name) => pathToFileURL(join(root, 'scripts', name)).href

/** The unit tests of the checkout whose paths contain one of the parts. */
export function unitFiles(parts = []) {
  const files = globSync(root, ['apps', 'packages', 'bench', 'scripts'], /\.test\.tsx?$/)
  return files.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
}

/** Run unit tests; resolves to what became of them: passed, failed, and each failure as tally.mjs tells it. */
export function runUnits(node, files, { seed, reporter = 'dot' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-units-'))
  const told = join(folder, 'tally')
  const args = [
    '--disable-warning=ExperimentalWarning',
    `--import=${script('seed.mjs')}`,
    '--test',
    // Node leaves one core idle otherwise; on two that is half the time.
    `--test-concurrency=${availableParallelism()}`,
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
    `--test-reporter=${script('tally.mjs')}`,
    `--test-reporter-destination=${told}`,
    ...files,
  ]
  const env = { ...process.env, ...(seed === undefined ? {} : { PROPERTY_SEED: String(seed) }) }
  try {
    const { status } = spawnSync(node, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env })
    return outcome(told, status)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What tally.mjs wrote, as numbers; a process that failed without a failed test counts as one. */
export function outcome(path, status) {
  const lines = readLines(path)
  // The last summary is that of all files together.
  const { passed = 0, failed: red = 0, cancelled = 0 } = lines.findLast((line) => line.counts !== undefined)?.counts ?? {}
  const failed = red + cancelled
  return {
    passed,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    failures: lines.filter((line) => line.failed !== undefined),
    skipped: lines.filter((line) => line.skipped !== undefined),
  }
}

function readLines(path) {
  try {
    const lines = readFileSync(path, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
  } catch {
    // The process ended before it could write a whole line.
    return []
  }
}

if (process.argv[1]?.endsWith('unit.mjs')) {
  const given = process.argv.slice(2)
  const seed = given.find((each) => each.startsWith('--seed='))?.slice('--seed='.length)
  const files = unitFiles(given.filter((each) => !each.startsWith('--')))
  const { passed, failed } = runUnits(setup({ web: false }), files, { seed, reporter: 'spec' })
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}
