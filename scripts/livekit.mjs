// node scripts/livekit.mjs: build a published livekit-server (once), for the media suites and the bench, and say where it is.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail } from './setup.mjs'

const moduleName = 'github.com/livekit/livekit-server'
// The newest release whose go.mod has no `replace`: from 1.13.6 on it replaces pion by forks that
// the Go module proxy does not serve, so only this one installs everywhere with plain `go install`.
export const livekitVersion = process.env.LIVEKIT_VERSION ?? 'v1.13.5'
const howToInstallGo = 'install Go 1.26 or newer (https://go.dev/doc/install, or apt-get install golang-go) and run again'

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'parley', `livekit-server-${livekitVersion}`)
const binary = join(folder, 'livekit-server')

/** Whether the Go tool is on PATH. */
export const haveGo = () => spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0

/** Leave this process, saying how to install it, when Go is needed and missing. */
export function needsGo() {
  if (!existsSync(binary) && !haveGo()) fail(`livekit-server is built with Go, which is missing here: ${howToInstallGo}`)
}

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
  needsGo()
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
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], { stdio: ['ignore', 'ignore', 'inherit'] })
  const built = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve(binary) : reject(new Error('livekit-server could not be built'))))
  })
  built.catch(() => {})
  return built
}

if (process.argv[1]?.endsWith('livekit.mjs')) console.log(livekitBinary())
