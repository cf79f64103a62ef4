import { spawnSync } from 'node:child_process'
import { fail, run } from './setup.mjs'

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

/** Install the programs the acceptance tests drive, or fail and say how. */
export function installTools() {
  const missing = tools.filter(([probe]) => !answers(probe)).map(([, name]) => name)
  if (missing.length === 0) return
  const how = `apt-get install ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !onPath('apt-get')) fail(`the tests need ${missing.join(', ')}; install with: sudo ${how}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  run('apt-get', ['install', '-y', '-qq', ...missing], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}
