// tier: quick, 18 s
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { run } from '../lib/child.ts'
import { parley } from '../lib/cli.ts'
import { Graph } from '../lib/graph.ts'
import { refused } from '../lib/refused.ts'
import { type Server, startServer } from '../lib/server.ts'

let server: Server
before(async () => {
  server = await startServer()
})
after(() => server?.[Symbol.asyncDispose]())

test('a first start makes the demo, says where it is, and ends with the ready line', async () => {
  const { stdout } = server.output()
  const lines = stdout.trim().split('\n')
  assert.equal(lines.at(-1), `Parley is ready: ${server.url}`)
  assert.ok(stdout.includes(`Data folder: ${server.dataFolder}`))
  assert.match(stdout, /^curl .*\/beta\/app\/onlineMeetings /m)
  const devFile = join(server.dataFolder, 'dev.json')
  assert.equal(statSync(devFile).mode & 0o777, 0o600)
  assert.equal(statSync(join(server.dataFolder, 'signing-keys.json')).mode & 0o777, 0o600)
  const dev = JSON.parse(readFileSync(devFile, 'utf8')) as Record<string, unknown>
  for (const member of ['baseUrl', 'httpsBaseUrl', 'caFile', 'tenantId', 'tokenUrl', 'clientId', 'clientSecret', 'users'])
    assert.ok(member in dev, member)
  assert.equal(dev.tenantId, '72f988bf-86f1-41af-91ab-2d7cd011db47')
  const [organizer, second] = server.dev.users
  assert.deepEqual([organizer!.id, organizer!.displayName], ['550fae72-d251-43ec-868c-373732c2704f', 'Heidi Steen'])
  assert.ok(second!.password.length >= 12)
})

test('the printed curl works as it is', async () => {
  const { stdout } = server.output()
  const commands = stdout.split('\n').filter((line) => line.startsWith('TOKEN=') || line.startsWith('curl '))
  const pasted = await run('bash', ['-c', `cd '${join(import.meta.dirname, '..', '..')}'\n${commands.join('\n')}`])
  assert.equal(pasted.code, 0, pasted.stderr)
  assert.match((JSON.parse(pasted.stdout) as { id: string }).id, /^\d{9}$/)
})

test('a second process on the folder says so and ends', async () => {
  const second = await refused({ PARLEY_DATA: server.dataFolder })
  assert.equal(second.code, 1)
  assert.match(second.stderr, /^parley: another Parley is already running on the data folder .*\n$/)
  assert.equal((await fetch(`${server.dev.baseUrl}/readyz`)).status, 200)
})

test('a setting that cannot be is refused with one clear line', async () => {
  const finished = await refused({ PARLEY_PORT: 'http' })
  assert.deepEqual([finished.code, finished.stdout], [1, ''])
  assert.match(finished.stderr, /^parley: PARLEY_PORT must be a port.*\n$/)
})

test('a port that is taken is named', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const finished = await refused({ PARLEY_PORT: String(port) })
  taken.close()
  assert.equal(finished.code, 1)
  assert.match(finished.stderr, new RegExp(`PARLEY_PORT ${port} is in use`))
})

test('https with the own CA is trusted by who trusts the CA, and by nobody else', async () => {
  const probe = `fetch('${server.dev.httpsBaseUrl}/healthz').then((r) => console.log(r.status), (e) => console.log(e.cause.code))`
  const trusting = await run(process.execPath, ['-e', probe], { ...process.env, NODE_EXTRA_CA_CERTS: server.dev.caFile })
  assert.equal(trusting.stdout.trim(), '200')
  assert.match((await run(process.execPath, ['-e', probe])).stdout, /CERT|SIGNATURE/)
})

test('configuration is printed as decided, secrets hidden', async () => {
  const { code, stdout } = await parley(server, 'config', '--json')
  assert.equal(code, 0)
  assert.equal((JSON.parse(stdout) as { dataFolder: string }).dataFolder, server.dataFolder)
})

test('npm start prepares itself and passes signals on', async () => {
  await using folder = {
    path: mkdtempSync(join(tmpdir(), 'parley-')),
    [Symbol.asyncDispose]: async () => rmSync(folder.path, { recursive: true, force: true }),
  }
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PARLEY_DATA: folder.path,
    PARLEY_PORT: '0',
    PARLEY_HTTPS_PORT: '0',
    PARLEY_MEDIA_PORT: '0',
  }
  const child = spawn('npm', ['start'], {
    cwd: join(import.meta.dirname, '..', '..'),
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let printed = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    printed += chunk
    if (printed.includes('Parley is ready')) break
  }
  const exited = new Promise((resolve) => child.once('exit', resolve))
  process.kill(-child.pid!, 'SIGTERM')
  await exited
  assert.match(printed, /Parley is ready: http:\/\/localhost:\d+\n$/)
})

test('a signal ends it cleanly, and a restart keeps the meetings, the secret and the tokens', async () => {
  const graph = await Graph.of(server)
  const meeting = await graph.create({ subject: 'kept' })
  assert.equal(await server.stop(), 0)
  assert.equal(server.output().stderr, '')
  const second = await server.restart()
  try {
    assert.deepEqual((await new Graph(second, graph.token).send('GET', `/beta/app/onlineMeetings/${meeting.id}`)).body, meeting)
    await (await Graph.of(second)).create()
  } finally {
    await second.stop()
  }
})
