import { spawnSync } from 'node:child_process'
import { fail, run } from './setup.mjs'

// What the acceptance tests use and npm cannot bring: [command, Debian package].
const tools = [
  ['chromium', 'chromium'],
  ['baresip', 'baresip'],
  ['sipp', 'sip-tester'],
]

const onPath = (command) => spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0

/** Install the programs the acceptance tests drive, or fail and say how. */
export function installTools() {
  const missing = tools.filter(([command]) => !onPath(command)).map(([, name]) => name)
  if (missing.length === 0) return
  const how = `apt-get install ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !onPath('apt-get')) fail(`the tests need ${missing.join(', ')}; install with: sudo ${how}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  run('apt-get', ['install', '-y', '-qq', ...missing], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}
