// npm test: everything. Types, lint, unit tests, then the black-box acceptance tests, and the media and telephone
// packages against real browsers, a real livekit-server and real phones.
import { spawnSync } from 'node:child_process'
import { check } from './check.mjs'
import { globSync } from './glob.mjs'
import { haveGo, livekitBinary } from './livekit.mjs'
import { root, setup } from './setup.mjs'
import { installTools } from './tools.mjs'

const only = process.argv.slice(2)
const node = setup()
installTools()
if (only.length === 0) check(node)

/** Files that measure sound, pictures or time spent by others run alone; each gets its own process, so that none inherits another's state. */
const files = [...globSync(root, ['acceptance'], /\.test\.ts$/), ...globSync(root, ['packages'], /\.suite\.ts$/)].filter(
  (file) => only.length === 0 || only.some((part) => file.includes(part)),
)
const runs = files.map((file) => ({ file, env: {} }))
const livekitFiles = files.filter((file) => file.startsWith('packages/media/'))
if (livekitFiles.length > 0) {
  if (haveGo()) {
    const env = { MEDIA_UNDER_TEST: 'livekit', LIVEKIT_BINARY: livekitBinary() }
    runs.push(...livekitFiles.map((file) => ({ file, env })))
  } else
    console.error('parley: Go is missing, so the media suites are not run against livekit-server (apt-get install golang-go)')
}

/** Whether a file passes; its report goes to the terminal. */
function passes({ file, env }) {
  const name = env.MEDIA_UNDER_TEST ? `${file} (${env.MEDIA_UNDER_TEST})` : file
  console.log(`\n▶ ${name}`)
  const started = Date.now()
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--expose-gc',
    '--test-force-exit',
    '--test-reporter=spec',
    file,
  ]
  const { status } = spawnSync(node, args, {
    cwd: root,
    stdio: 'inherit',
    // LiveKit's headless client is silent only in production.
    env: { MEDIA_UNDER_TEST: 'embedded', ...process.env, NODE_ENV: 'production', ...env },
  })
  console.log(`  ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - started) / 1000)} s`)
  return status === 0
}

const nameOf = ({ file, env }) => `${file} ${env.MEDIA_UNDER_TEST ?? ''}`.trim()
const failed = runs.filter((run) => !passes(run))
// A machine that was busy with something else can fail a test of pictures and sound. What fails twice is broken; what
// fails once is named, because it is a bug too.
const broken = failed.filter((run) => !passes(run))
for (const run of failed) if (!broken.includes(run)) console.log(`needed a second try: ${nameOf(run)}`)
for (const run of broken) console.log(`broken: ${nameOf(run)}`)
console.log(`${runs.length - broken.length} passed, ${broken.length} failed`)
process.exit(broken.length === 0 ? 0 : 1)
