// One suite file in a process of its own, and what it must not leave behind.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { root } from './setup.mjs'
import { outcome } from './unit.mjs'

const tally = pathToFileURL(join(root, 'scripts', 'tally.mjs')).href
const compiled = join(root, '.cache', 'compiled')

const running = new Set()
// A terminal sends ^C to the whole group; whoever else ends the tests signals only their runner.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) child.kill('SIGTERM')
    process.exit(1)
  })
}

/** Seconds after which a run that says nothing any more is ended: far more than any machine needs. */
const limitOf = ({ seconds }) => Math.max(420, 6 * seconds)

/**
 * Run a suite file; resolves to what became of its tests, what it printed and the seconds it took. A process that stays
 * when its tests are over, or leaves others running, has failed.
 */
export async function runSuite(node, run, { env = {}, live = false } = {}) {
  const id = randomUUID()
  const folder = mkdtempSync(join(tmpdir(), 'parley-suite-'))
  const told = join(folder, 'tally')
  const temporary = join(folder, 't')
  mkdirSync(temporary)
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--expose-gc',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${tally}`,
    `--test-reporter-destination=${told}`,
    run.file,
  ]
  const started = Date.now()
  const child = spawn(node, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      MEDIA_UNDER_TEST: 'embedded',
      ...process.env,
      // LiveKit's headless client is silent only in production.
      NODE_ENV: 'production',
      // Every test starts servers; this spares each of them the reading of the same TypeScript.
      NODE_COMPILE_CACHE: compiled,
      TMPDIR: temporary,
      TEST_RUN_ID: id,
      ...run.env,
      ...env,
    },
  })
  running.add(child)
  const said = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      said.push(piece)
      if (live) process.stdout.write(piece)
    })
  }
  const late = setTimeout(() => {
    child.kill('SIGUSR2')
    setTimeout(() => child.kill('SIGKILL'), 5_000).unref()
  }, limitOf(run) * 1_000)
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', resolve)
  })
  clearTimeout(late)
  running.delete(child)
  const seconds = (Date.now() - started) / 1_000
  const left = await leftBehind(id)
  const result = outcome(told, status)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  if (left.length > 0) {
    result.failed += 1
    said.push(Buffer.from(`left running: ${left.join('\n              ')}\n`))
  }
  return { ...result, seconds, said: Buffer.concat(said).toString() }
}

/** The command lines of what a suite started and did not end, looked for where Linux shows them; they are ended here. */
async function leftBehind(id) {
  const mark = `TEST_RUN_ID=${id}`
  let found = []
  // What was told to end may need a moment.
  for (let attempt = 0; attempt < 50; attempt++) {
    found = processes().filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(mark))
    if (found.length === 0) return []
    await pause(100)
  }
  const lines = found.map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 300))
  for (const pid of found) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended since.
    }
  }
  return lines
}

function processes() {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid)
  } catch {
    // Not Linux.
    return []
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended since, or is somebody else's.
    return ''
  }
}
