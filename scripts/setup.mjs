// Plain JavaScript on purpose: this runs on whatever Node the machine has (20 or newer),
// before the Node that Parley targets has been installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const nodePath = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** Run a command, inheriting stdio; exits this process with its status when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) fail(`could not run ${command}: ${result.error.message}`)
  if (result.status !== 0) process.exit(result.status ?? 1)
}

/** Print one clear line and leave with a failure status. */
export function fail(message) {
  console.error(`parley: ${message}`)
  process.exit(1)
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function installIsCurrent() {
  const have = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(have)) return false
  const installed = readJson(have).packages
  const wanted = readJson(join(root, 'package-lock.json')).packages
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      entry.optional ||
      !path.includes('node_modules') ||
      // A workspace that came with a newer checkout has no link yet.
      (entry.link ? existsSync(join(root, path)) : installed[path]?.version === entry.version),
  )
}

function installPackages() {
  if (!existsSync(join(root, 'package-lock.json'))) fail('package-lock.json is missing; this is not a whole checkout')
  if (installIsCurrent()) return
  console.error('parley: installing packages (once) …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const command = existsSync(join(root, 'node_modules')) ? 'install' : 'ci'
  // stdout is kept for the program that runs next, so npm's goes to stderr.
  run(npm, [command, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 'inherit'] })
}

/** The path of a Node of the major version Parley targets, installed when the machine has none. */
function findNode() {
  const target = Number(readJson(join(root, 'package.json')).dependencies.node.split('.')[0])
  if (Number(process.versions.node.split('.')[0]) >= target) return process.execPath
  if (!existsSync(nodePath)) {
    // npm may be configured not to run install scripts; the package's own script is all that is missing.
    run(process.execPath, ['installArchSpecificPackage'], {
      cwd: join(root, 'node_modules', 'node'),
      stdio: ['ignore', 2, 'inherit'],
    })
  }
  if (!existsSync(nodePath)) fail(`Node ${target} could not be installed by npm; install it by hand and try again`)
  return nodePath
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

function fingerprint(...folders) {
  const hash = createHash('sha256')
  for (const path of [...folders.flatMap((folder) => [...filesBelow(folder)]), join(root, 'package-lock.json')].sort()) {
    const stat = statSync(path)
    hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\0`)
  }
  return hash.digest('hex')
}

/** Build the web pages when a source file changed since the last build. */
export function buildWeb(node) {
  const web = join(root, 'apps', 'web')
  if (!existsSync(join(web, 'vite.config.ts'))) return
  const stampPath = join(root, '.cache', 'web-build.stamp')
  const stamp = fingerprint(web, join(root, 'packages', 'door-api'))
  if (existsSync(join(web, 'dist')) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return
  console.error('parley: building the pages (once) …')
  const fresh = join(root, '.cache', `web-build-${process.pid}`)
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  run(node, [vite, 'build', '--logLevel', 'warn', '--outDir', fresh, '--emptyOutDir'], {
    cwd: web,
    stdio: ['ignore', 2, 'inherit'],
  })
  compress(join(fresh, 'assets'))
  putInPlace(fresh, join(web, 'dist'))
  writeFileSync(stampPath, stamp)
}

/** Put a small copy of each file beside it, which the server sends instead where the browser takes it. */
function compress(folder) {
  for (const name of readdirSync(folder).filter((each) => /\.(js|css|svg)$/.test(each))) {
    const whole = readFileSync(join(folder, name))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(whole, { level: 9 }))
    const hints = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: whole.length }
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(whole, { params: hints }))
  }
}

const day = 24 * 60 * 60 * 1000

/**
 * Move a build to where servers read it. Servers that run from this checkout go on serving: file names carry the hash of
 * their content, the manifest that names them comes last, and what it no longer names stays for a day.
 */
export function putInPlace(fresh, dist) {
  const assets = readdirSync(join(fresh, 'assets'))
  mkdirSync(join(dist, 'assets'), { recursive: true })
  mkdirSync(join(dist, '.vite'), { recursive: true })
  for (const name of assets) renameSync(join(fresh, 'assets', name), join(dist, 'assets', name))
  renameSync(join(fresh, '.vite', 'manifest.json'), join(dist, '.vite', 'manifest.json'))
  rmSync(fresh, { recursive: true, force: true })
  for (const name of readdirSync(join(dist, 'assets'))) {
    const path = join(dist, 'assets', name)
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {}
    if (!assets.includes(name) && mtimeMs < Date.now() - day) rmSync(path, { force: true })
  }
}

/** Everything `npm start` needs; returns the path of the Node to run with. */
export function setup({ web = true } = {}) {
  installPackages()
  const node = findNode()
  if (web) buildWeb(node)
  return node
}
