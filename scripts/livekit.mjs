// npm run test:livekit: build a published livekit-server (once) and run the media conformance suite against it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, root, setup } from './setup.mjs'

const moduleName = 'github.com/livekit/livekit-server'
// The newest release whose go.mod has no `replace`: from 1.13.6 on it replaces pion by forks that
// the Go module proxy does not serve, so only this one installs everywhere with plain `go install`.
export const livekitVersion = process.env.LIVEKIT_VERSION ?? 'v1.13.5'
const howToInstallGo = 'install Go 1.26 or newer (https://go.dev/doc/install, or apt-get install golang-go) and run again'

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'parley', `livekit-server-${livekitVersion}`)
const binary = join(folder, 'livekit-server')

/** Whether the Go tool is on PATH. */
export const haveGo = () => spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0

function go(args, options = {}) {
  const result = spawnSync('go', args, { stdio: ['ignore', 2, 'inherit'], ...options })
  if (result.status !== 0) fail(`go ${args[0]} failed while building livekit-server ${livekitVersion}`)
  return result.stdout?.toString() ?? ''
}

/** The `replace` directives of a go.mod, each as one line. */
export function replacements(goMod) {
  const lines = goMod.split('\n').map((line) => line.split('//', 1)[0].trim())
  const found = []
  let inBlock = false
  for (const line of lines) {
    if (/^replace\s*\($/.test(line)) inBlock = true
    else if (inBlock && line === ')') inBlock = false
    else if (inBlock && line) found.push(`replace ${line}`)
    else if (/^replace\s/.test(line)) found.push(line)
  }
  return found
}

/** Build livekit-server unless it is in the cache; returns the path of the program. */
export function livekitBinary() {
  if (existsSync(binary)) return binary
  if (!haveGo()) fail(`livekit-server is built with Go, which is missing here: ${howToInstallGo}`)
  console.error(`parley: building livekit-server ${livekitVersion} (once, about two minutes) …`)
  mkdirSync(folder, { recursive: true })
  const download = JSON.parse(
    go(['mod', 'download', '-json', `${moduleName}@${livekitVersion}`], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  const goMod = readFileSync(download.GoMod, 'utf8')
  const replaced = replacements(goMod)
  if (replaced.length === 0) {
    go(['install', '-trimpath', `${moduleName}/cmd/server@${livekitVersion}`], { env: { ...process.env, GOBIN: folder } })
    renameSync(join(folder, 'server'), binary)
    return binary
  }
  const work = join(folder, 'build')
  mkdirSync(work, { recursive: true })
  const goVersion = /^go\s+(\S+)/m.exec(goMod)?.[1] ?? '1.26'
  const lines = ['module parley.local/livekit', `go ${goVersion}`, `require ${moduleName} ${livekitVersion}`, ...replaced]
  writeFileSync(join(work, 'go.mod'), `${lines.join('\n\n')}\n`)
  go(['build', '-mod=mod', '-trimpath', '-o', binary, `${moduleName}/cmd/server`], { cwd: work })
  rmSync(work, { recursive: true, force: true })
  return binary
}

/** The same, built by another process meanwhile; rejects when the build fails. */
export function livekitBinaryBeside() {
  if (existsSync(binary)) return Promise.resolve(binary)
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const built = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve(binary) : reject(new Error('livekit-server could not be built'))))
  })
  built.catch(() => {})
  return built
}

/** Run the conformance suite (packages/media/test) against 'livekit' or 'embedded'; extra arguments filter the files by name. */
export function runSuite(node, target, filters = []) {
  const env = { ...process.env, MEDIA_UNDER_TEST: target }
  if (target === 'livekit') env.LIVEKIT_BINARY = livekitBinary()
  const result = spawnSync(node, [join(root, 'packages', 'media', 'test', 'run.mjs'), ...filters], { stdio: 'inherit', env })
  return result.status ?? 1
}

if (process.argv[1]?.endsWith('livekit.mjs')) {
  const [first, ...rest] = process.argv.slice(2)
  if (first === 'build') {
    console.log(livekitBinary())
    process.exit(0)
  }
  const named = first === 'livekit' || first === 'embedded'
  process.exit(runSuite(setup({ web: false }), named ? first : 'livekit', named ? rest : process.argv.slice(2)))
}
