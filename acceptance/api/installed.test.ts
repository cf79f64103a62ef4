// tier: release, 90 s
// The packages as somebody installs them who has no checkout: packed, installed into an empty folder without install
// scripts, started. Like every npm install it asks the registry for what the packages depend on.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { run } from '../lib/child.ts'
import { startServer } from '../lib/server.ts'
import { headless } from '../room/lib/headless.ts'
import { newMeeting } from '../room/lib/meeting.ts'

const root = join(import.meta.dirname, '..', '..')
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PARLEY|npm)_/.test(name)))
let folder: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-installed-'))
  await succeed(process.execPath, [join(root, 'scripts/pack.mjs'), join(folder, 'packages')])
  const tarballs = readdirSync(join(folder, 'packages')).map((name) => join(folder, 'packages', name))
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}\n')
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  await succeed('npm', ['install', '--prefix', folder, ...options, ...tarballs])
})
after(() => rmSync(folder, { recursive: true, force: true }))

async function succeed(command: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, environment)
  assert.equal(code, 0, `${command} ${args[0]} ended with ${code}: ${stderr.slice(-4_000)}`)
  return stdout
}

const installed = (...path: string[]) => join(folder, 'node_modules', ...path)

test('the command serves the API, the pages and the media', async (t) => {
  const parley = installed('.bin', 'parley')
  const server = await startServer({ program: [parley, 'serve'] })
  t.after(() => server[Symbol.asyncDispose]())
  assert.match(server.output().stdout, /npx --package=@parley\/server parley token/)

  const { link } = await newMeeting(server)
  const page = await (await fetch(link)).text()
  const script = /<script[^>]+src="([^"]+)"/.exec(page)?.[1]
  assert.ok(script, 'the page names no script')
  const asset = await fetch(new URL(script, server.url))
  assert.equal(asset.status, 200)
  assert.match(String(asset.headers.get('content-type')), /javascript/)
  await asset.arrayBuffer()
  const sheet = await fetch(new URL('/static/parley.css', server.url))
  assert.equal(sheet.status, 200)
  await sheet.arrayBuffer()

  const person = await headless(server, link, 'Ada', ['microphone'])
  await person.stop()

  const token = await succeed(process.execPath, [parley, 'token', '--data', server.dataFolder])
  assert.equal(token.trim().split('.').length, 3)
})

test('nothing private goes along, and every file that a manifest names is there', () => {
  for (const name of readdirSync(installed('@parley'))) {
    const manifest = JSON.parse(readFileSync(installed('@parley', name, 'package.json'), 'utf8'))
    assert.equal(manifest.private, undefined, name)
    assert.equal(manifest.devDependencies, undefined, name)
    const values = JSON.stringify([manifest.exports, manifest.imports, manifest.bin]).matchAll(/:"(\.\/[^"]+)"/g)
    const named = [...values].map(([, path]) => path!)
    assert.ok(named.length > 0, name)
    const files = readdirSync(installed('@parley', name), { recursive: true }).map(String)
    for (const path of named) assert.ok(files.includes(path.slice(2)), `${name} names ${path}`)
    const unwanted = files.filter((path) => /\.test\.|(?<!\.d)\.ts$/.test(path))
    assert.deepEqual(unwanted, [], name)
  }
})

test('a program of one’s own starts the server and has its types', { timeout: 120_000 }, async () => {
  const program = [
    "import { decide, serve, type RunningServer } from '@parley/server'",
    'const settings = { PARLEY_DATA: process.argv[2], PARLEY_PORT: "0", PARLEY_HTTPS_PORT: "0", PARLEY_MEDIA_PORT: "0", PARLEY_SIP_PORT: "off" }',
    'const server: RunningServer = await serve(decide(settings))',
    'const address: string = server.config.publicUrl',
    'console.log((await fetch(`${address}/join`)).status)',
    'await server.close()',
  ].join('\n')
  writeFileSync(join(folder, 'own.ts'), program)
  const printed = await succeed(process.execPath, [join(folder, 'own.ts'), join(folder, 'data')])
  assert.equal(printed.trim().split('\n').at(-1), '200')
  const options = { module: 'NodeNext', target: 'ESNext', strict: true, noEmit: true, skipLibCheck: true, types: ['node'] }
  const typeRoots = [join(root, 'node_modules', '@types')]
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, typeRoots }, files: ['own.ts'] }))
  await succeed(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
})
