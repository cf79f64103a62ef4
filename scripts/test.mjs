// npm test: everything. Types, lint, unit tests, then the black-box acceptance tests, and the media and telephone
// packages against real browsers, a real livekit-server and real phones. Arguments choose files by a part of their path.
import { spawn } from 'node:child_process'
import { check } from './check.mjs'
import { globSync } from './glob.mjs'
import { haveGo, livekitBinaryBeside } from './livekit.mjs'
import { root, setup } from './setup.mjs'
import { installTools } from './tools.mjs'

const only = process.argv.slice(2)
const began = Date.now()
const node = setup()
installTools()

/** Files that wait more than they work, so two run at a time: HTTP, and callers. What measures pictures runs alone. */
const waitsMost = (file) =>
  /^acceptance\/(api|chat|door|graph|people|sip|subscriptions)\//.test(file) && !file.includes('sip/browser')
/** The longest of them come first, so that the lanes end together. */
const longest = [
  'graph/python',
  'door/access',
  'door/browser',
  'people/look',
  'sip/room',
  'door/moderation',
  'api/start',
  'api/durability',
]
const rank = (file) => (longest.findIndex((part) => file.includes(part)) + longest.length + 1) % (longest.length + 1)

const files = [...globSync(root, ['acceptance'], /\.test\.ts$/), ...globSync(root, ['packages'], /\.suite\.ts$/)].filter(
  (file) => only.length === 0 || only.some((part) => file.includes(part)),
)
// What must hold of livekit-server as well: all of the media server, and the telephones' way into a room.
const mediaFiles = files.filter((file) => file.startsWith('packages/media/') || file.endsWith('/bridge.suite.ts'))
const together = files.filter(waitsMost).sort((one, other) => rank(one) - rank(other))
const alone = files.filter((file) => !waitsMost(file))

// Built by a process of its own while other tests run: on a new machine it takes minutes.
const withLivekit = mediaFiles.length > 0 && haveGo()
const livekit = withLivekit ? livekitBinaryBeside() : undefined
if (mediaFiles.length > 0 && !withLivekit)
  console.error('parley: Go is missing, so the media suites are not run against livekit-server (apt-get install golang-go)')

if (only.length === 0) check(node)

/** Run one file in a process of its own, so that none inherits another's state; its report comes in one piece. */
function passes({ file, env }, { live }) {
  const name = nameOf({ file, env })
  const started = Date.now()
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--expose-gc',
    '--test-force-exit',
    '--test-reporter=spec',
    file,
  ]
  if (live) console.log(`\n▶ ${name}`)
  const child = spawn(node, args, {
    cwd: root,
    stdio: live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    // LiveKit's headless client is silent only in production.
    env: { MEDIA_UNDER_TEST: 'embedded', ...process.env, NODE_ENV: 'production', ...env },
  })
  const said = []
  child.stdout?.on('data', (piece) => said.push(piece))
  child.stderr?.on('data', (piece) => said.push(piece))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      if (!live) process.stdout.write(`\n▶ ${name}\n${Buffer.concat(said)}`)
      console.log(`  ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - started) / 1000)} s`)
      resolve(status === 0)
    })
  })
}

const nameOf = ({ file, env }) => (env.MEDIA_UNDER_TEST ? `${file} (${env.MEDIA_UNDER_TEST})` : file)

/** Run all, so many at a time; resolves to those that failed. */
async function runAll(runs, lanes) {
  const left = [...runs]
  const failed = []
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) if (!(await passes(next, { live: lanes === 1 }))) failed.push(next)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return failed
}

const runOf = (file) => ({ file, env: {} })
const failed = await runAll(together.map(runOf), 2)
const runs = alone.map(runOf)
if (livekit) {
  const env = { MEDIA_UNDER_TEST: 'livekit', LIVEKIT_BINARY: await livekit }
  runs.push(...mediaFiles.map((file) => ({ file, env })))
}
failed.push(...(await runAll(runs, 1)))
// A machine that was busy with something else can fail a test of pictures and sound. What fails twice is broken; what
// fails once is named, because it is a bug too.
const broken = await runAll(failed, 1)
for (const run of failed) if (!broken.includes(run)) console.log(`needed a second try: ${nameOf(run)}`)
for (const run of broken) console.log(`broken: ${nameOf(run)}`)
const total = together.length + runs.length
console.log(`${total - broken.length} passed, ${broken.length} failed, in ${Math.round((Date.now() - began) / 1000)} s`)
process.exit(broken.length === 0 ? 0 : 1)
