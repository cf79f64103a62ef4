// node scripts/run.mjs <file.ts> [args]: prepare the checkout, then run a program with the right Node.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { fail, root, setup } from './setup.mjs'

const [file, ...args] = process.argv.slice(2)
if (!file) fail('usage: node scripts/run.mjs <file> [arguments]')
const node = setup()
const child = spawn(node, ['--disable-warning=ExperimentalWarning', resolve(root, file), ...args], { stdio: 'inherit' })
// The terminal sends ^C to the whole group; a process manager signals only us.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
