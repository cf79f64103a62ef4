// Which way imports may lead, in one table, and the check of it: `node scripts/imports.mjs`, part of npm run check.
// Types count like values: a file that cannot be read without another one cannot be taken out without it either.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import { root } from './setup.mjs'

/** The workspaces each workspace may import, by relative path or by name; the longest that holds a file is its own. */
export const workspaces = {
  'apps/server': ['packages/media', 'packages/sip', 'packages/rtp', 'packages/door-api'],
  'apps/web': ['packages/door-api'],
  'packages/media': ['packages/rtp'],
  'packages/sip': ['packages/rtp', 'packages/door-api'],
  'packages/sip/test': ['scripts', 'packages/sip', 'packages/media', 'packages/rtp', 'packages/door-api'],
  'packages/rtp': [],
  'packages/door-api': [],
  // Black box tests: what they know of Parley, any client knows.
  acceptance: [],
  bench: ['apps/server', 'packages/media', 'packages/sip', 'packages/rtp', 'acceptance', 'scripts'],
  scripts: ['apps/server'],
}

/**
 * The folders below each source folder, and those each may import; `.` holds the files beside them. A folder named
 * with a slash is a floor of its own. Source folders without a table are only kept free of circles.
 */
export const directions = {
  'apps/server/src': {
    common: [],
    config: ['common'],
    store: ['common'],
    http: ['common', 'config'],
    audit: ['common', 'store'],
    identity: ['common', 'config', 'store', 'http', 'audit'],
    meetings: ['common', 'store', 'identity'],
    chat: ['common', 'store', 'meetings'],
    subscriptions: ['common', 'store', 'identity', 'meetings', 'chat'],
    graph: ['common', 'config', 'store', 'http', 'audit', 'identity', 'meetings', 'chat', 'subscriptions'],
    'rooms/admission': ['common', 'config', 'store', 'meetings'],
    'rooms/attendance': ['common', 'store', 'meetings', 'rooms/admission'],
    'rooms/media': ['common', 'config', 'http', 'meetings', 'rooms/admission'],
    'rooms/events': ['common', 'config', 'meetings', 'chat', 'rooms/admission'],
    rooms: [
      ...['common', 'config', 'store', 'identity', 'meetings', 'chat'],
      ...['rooms/admission', 'rooms/attendance', 'rooms/media', 'rooms/events'],
    ],
    'rooms/http': [
      ...['common', 'config', 'http', 'audit', 'identity', 'meetings'],
      ...['rooms', 'rooms/admission', 'rooms/events'],
    ],
    dialin: ['common', 'config', 'store', 'http', 'audit', 'meetings', 'rooms', 'rooms/admission', 'rooms/events'],
    pages: ['common', 'config', 'identity', 'meetings', 'rooms/events'],
    console: [
      ...['common', 'config', 'store', 'http', 'audit', 'identity', 'meetings', 'subscriptions'],
      ...['rooms', 'rooms/admission', 'pages'],
    ],
    cli: ['common', 'config', 'store', 'identity', 'meetings', 'graph', '.'],
    '.': ['*'],
  },
  'packages/rtp/src': {
    rtcp: ['.'],
    '.': ['rtcp'],
  },
  'packages/media/src': {
    common: [],
    sdp: [],
    peer: ['common'],
    payload: [],
    bandwidth: [],
    forward: ['payload'],
    token: [],
    webhook: ['common', 'token'],
    http: ['common', 'token'],
    room: ['common', 'sdp', 'peer', 'bandwidth', 'forward', 'token'],
    signal: ['common', 'room', 'token'],
    workers: ['common', 'peer', 'room', 'token'],
    '.': ['*'],
  },
  'packages/sip/src': {
    message: [],
    media: [],
    transport: ['message'],
    transaction: ['message', 'transport'],
    dialog: ['message'],
    auth: ['message'],
    sdp: ['media'],
    bridge: ['media'],
    trunk: ['auth', 'media', 'message', 'sdp', 'transaction', 'transport'],
    call: ['dialog', 'media', 'message', 'sdp', 'transaction', 'transport', '.'],
    ivr: ['bridge', 'call', 'media', '.'],
    '.': ['*'],
  },
}

/** Files that only those named may import: what builds everything is nobody's business but who starts it. */
export const reserved = {
  'apps/server/src/context.ts': ['apps/server/src/serve.ts', 'apps/server/src/cli/', 'apps/server/test/'],
}

const isSource = (file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts')
const isTest = (file) => /\.test\.tsx?$/.test(file)

/** Every module a file names: imports, exports, `import()` and import types. */
export function specifiersOf(file, text) {
  const { module, program, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`)
  const exported = module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value))
  const found = [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...exported]
  new Visitor({
    ImportExpression: ({ source }) => found.push(source.value),
    TSImportType: ({ source }) => found.push(source.value),
  }).visit(program)
  return [...new Set(found.filter((each) => typeof each === 'string'))]
}

/** What is wrong with the imports of some files; `read` gives a file's text. One line each, in the order of the files. */
export function problemsOf(files, read) {
  const sources = new Set(files.filter(isSource))
  const names = Object.keys(workspaces).sort((a, b) => b.length - a.length)
  const workspaceOf = (file) => names.find((name) => file.startsWith(`${name}/`))
  const problems = []
  const graph = new Map()
  for (const file of sources) {
    if (/\/src\/(.*\/)?testing\.ts$/.test(file)) problems.push(`${file}: helpers of tests belong in a folder test/, not in src`)
    const targets = new Set()
    for (const specifier of specifiersOf(file, read(file))) {
      const target = resolve(file, specifier)
      if (target === undefined) continue
      if (sources.has(target)) targets.add(target)
      const problem =
        wrongWorkspace(file, workspaceOf(file), workspaceOf(target)) ??
        usesTests(file, target) ??
        wrongDirection(file, target) ??
        isReserved(file, target)
      if (problem !== undefined) problems.push(`${file}: imports ${specifier}: ${problem}`)
    }
    graph.set(file, targets)
  }
  for (const circle of circlesOf(graph)) problems.push(`import circle of ${circle.length} files: ${circle.join(', ')}`)
  return problems
}

/** The file in the repository a specifier leads to; a package of ours counts as its folder. Undefined for what is not ours. */
function resolve(file, specifier) {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier)
  const [, name] = /^@parley\/([^/]+)/.exec(specifier) ?? []
  if (name === undefined) return undefined
  const home = Object.keys(workspaces).find((each) => each.endsWith(`/${name}`)) ?? `packages/${name}`
  return `${home}/${specifier}`
}

function wrongWorkspace(file, from, to) {
  if (from === undefined || to === undefined || from === to || workspaces[from].includes(to)) return undefined
  if (isTest(file) && to === `${from}/test`) return undefined
  return `${from} may import ${workspaces[from].join(', ') || 'nothing else of ours'}`
}

function usesTests(file, target) {
  const isOfTests = /\/test\//.test(target) || isTest(target)
  // The benches are tests of another kind.
  return /\/src\//.test(file) && !file.startsWith('bench/') && !isTest(file) && isOfTests
    ? 'what is only for tests is not for src'
    : undefined
}

function wrongDirection(file, target) {
  const base = Object.keys(directions).find((each) => file.startsWith(`${each}/`))
  if (base === undefined || isTest(file) || !target.startsWith(`${base}/`)) return undefined
  const table = directions[base]
  const [from, to] = [folderOf(table, file.slice(base.length + 1)), folderOf(table, target.slice(base.length + 1))]
  if (from === undefined || to === undefined) return `the table of scripts/imports.mjs has no folder for it`
  if (from === to || table[from].includes(to) || table[from].includes('*')) return undefined
  return `${from} may import ${table[from].join(', ') || 'no other folder'}`
}

/** The longest folder of a table that a path lies in. */
function folderOf(table, path) {
  if (!path.includes('/')) return '.'
  const folders = Object.keys(table).filter((each) => path.startsWith(`${each}/`))
  return folders.sort((a, b) => b.length - a.length)[0]
}

function isReserved(file, target) {
  const allowed = reserved[target]
  if (
    allowed === undefined ||
    isTest(file) ||
    allowed.some((each) => file === each || (each.endsWith('/') && file.startsWith(each)))
  )
    return undefined
  return `only ${allowed.join(', ')} may; declare an interface of what is needed instead`
}

/** Groups of nodes that lead to each other (Tarjan's strongly connected components), two or more each. */
export function circlesOf(graph) {
  const [index, low, stack, circles] = [new Map(), new Map(), [], []]
  const visit = (node) => {
    index.set(node, index.size)
    low.set(node, index.get(node))
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)))
    }
    if (low.get(node) !== index.get(node)) return
    const circle = stack.splice(stack.indexOf(node))
    if (circle.length > 1) circles.push(circle)
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return circles
}

/** Every file of the repository, those not yet added included. */
function filesOfRepository() {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }
  const list = (...flags) => execFileSync('git', ['ls-files', ...flags], options).split('\n')
  const deleted = new Set(list('--deleted'))
  return list('--cached', '--others', '--exclude-standard').filter((file) => file !== '' && !deleted.has(file))
}

if (process.argv[1]?.endsWith('imports.mjs')) {
  const problems = problemsOf(filesOfRepository(), (file) => readFileSync(join(root, file), 'utf8'))
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
