// npm test [-- parts of paths]: types, lint, unit tests, then the black-box tests of every area that can be waited for.
// test:full and test:release take the tiers that are longer (tiers.mjs). --list prints them, --verbose all they say.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from './check.mjs'
import { livekitBinaryBeside, needsGo } from './livekit.mjs'
import { fail, root, setup } from './setup.mjs'
import { startShared } from './shared.mjs'
import { runSuite } from './suite.mjs'
import { allRuns, commands, nameOf, secondsOf } from './tiers.mjs'
import { installTools } from './tools.mjs'

const given = process.argv.slice(2)
const flag = (name) => given.find((each) => each.startsWith(`--${name}`))
const tier = flag('tier=')?.slice('--tier='.length) ?? 'quick'
const parts = given.filter((each) => !each.startsWith('--'))
const began = Date.now()

let all
try {
  all = allRuns(root)
} catch (error) {
  fail(error.message)
}
const runs = all.filter((run) => run.tier === tier && (parts.length === 0 || parts.some((part) => nameOf(run).includes(part))))
if (flag('list')) {
  for (const run of runs) console.log(`${String(run.seconds).padStart(5)} s  ${nameOf(run)}${run.alone ? ', alone' : ''}`)
  console.log(`${runs.length} runs, ${secondsOf(runs)} s on two cores`)
  process.exit(0)
}
if (runs.length === 0) fail(`no suite of ${commands[tier]} has ${parts.join(' or ')} in its path`)

const onLivekit = ({ env }) => env.MEDIA_UNDER_TEST === 'livekit'
if (runs.some(onLivekit)) needsGo()
const tools = installTools()
const node = setup()
// Built by a process of its own while other tests run: on a new machine it takes minutes.
const livekit = runs.some(onLivekit) ? livekitBinaryBeside() : undefined
const total = tier === 'quick' && parts.length === 0 ? check(node) : { passed: 0, failed: 0 }
await tools

const reports = []

async function report(run) {
  const env = { ...(onLivekit(run) && { LIVEKIT_BINARY: await livekit }), ...(run.shared && shared.env) }
  const result = await runSuite(node, run, { env, live: flag('verbose') && run.alone })
  total.passed += result.passed
  total.failed += result.failed
  reports.push({ run, ...result })
  const [mark, what] = result.failed === 0 ? ['✔', `${result.passed} passed`] : ['✖', `${result.failed} FAILED`]
  if (result.failed > 0 || (flag('verbose') && !run.alone)) console.log(`\n▶ ${nameOf(run)}\n${result.said}`)
  console.log(`${mark} ${nameOf(run)}: ${what} in ${Math.round(result.seconds)} s (${run.seconds})`)
}

/** Run all, so many at a time: the longest first, so that the lanes end together. */
async function runAll(some, lanes) {
  const left = some.toSorted((one, other) => Number(onLivekit(one)) - Number(onLivekit(other)) || other.seconds - one.seconds)
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) await report(next)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

const version = readFileSync(join(root, 'package.json'), 'utf8').match(/"version": "(.*)"/)?.[1]
console.log(
  `Parley ${version}, ${commands[tier]}: ${runs.length} runs, ${secondsOf(runs)} s on two cores that have nothing else to do`,
)
const alone = runs.filter((run) => run.alone)
const beside = runs.filter((run) => !run.alone)
const shared = runs.some((run) => run.shared) ? await startShared(node) : undefined
await runAll(beside, 2)
await runAll(alone, 1)
await shared?.close()

console.log('')
for (const { run, skipped } of reports)
  for (const { skipped: name, why } of skipped)
    console.log(`not asked: ${nameOf(run)}: ${name}${typeof why === 'string' ? ` (${why})` : ''}`)
for (const { run, seconds } of reports)
  if (seconds > 1.5 * run.seconds + 5)
    console.log(`took longer than it says: ${nameOf(run)}, ${Math.round(seconds)} s instead of ${run.seconds}`)
for (const { run, failures, failed } of reports) {
  for (const { failed: name, why } of failures) console.log(`failed: ${nameOf(run)}: ${name}: ${why.split('\n')[0]}`)
  if (failed > failures.length) console.log(`failed: ${nameOf(run)}: the process itself`)
}
console.log(`${commands[tier]} took ${Math.round((Date.now() - began) / 1000)} s`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
