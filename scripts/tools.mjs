import { spawn, spawnSync } from 'node:child_process'
import { fail } from './setup.mjs'

const answers = (command) => spawnSync('sh', ['-c', command], { stdio: 'ignore' }).status === 0
const onPath = (command) => answers(`command -v ${command}`)

// What the acceptance tests use and npm cannot bring: [what must succeed when it is there, Debian package].
const tools = [
  ['command -v chromium', 'chromium'],
  ['command -v baresip', 'baresip'],
  ['command -v sipp', 'sip-tester'],
  ['command -v espeak-ng', 'espeak-ng'],
  ['command -v openssl', 'openssl'],
  ['python3 -c "import venv, ensurepip"', 'python3-venv'],
]

const missingTools = () => tools.filter(([probe]) => !answers(probe)).map(([, name]) => name)

/**
 * Install the programs the acceptance tests drive, beside whatever goes on meanwhile; leaves this process when it may not,
 * and says how. Await what it gives before the first test that needs one.
 */
export async function installTools() {
  const missing = missingTools()
  if (missing.length === 0) return
  const how = `apt-get install ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !onPath('apt-get')) fail(`the tests need ${missing.join(', ')}; install with: sudo ${how}`)
  console.error(`parley: installing ${missing.join(', ')} (once) …`)
  const child = spawn('sh', ['-c', `apt-get update -qq && apt-get install -y -qq ${missing.join(' ')}`], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const status = await new Promise((resolve) => child.once('close', resolve))
  const still = missingTools()
  if (status !== 0 || still.length > 0) fail(`${still.join(', ') || missing.join(', ')} could not be installed: run ${how}`)
}
