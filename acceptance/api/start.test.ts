// tier: quick, 80 s
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Finished, run } from '../lib/child.ts'
import { parley } from '../lib/cli.ts'
import { Graph } from '../lib/graph.ts'
import { startServer } from '../lib/server.ts'

const main = join(import.meta.dirname, '..', '..', 'apps', 'server', 'src', 'main.ts')

/** Start with these settings and expect it to end by itself. */
async function refused(env: Record<string, string>): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'))
  const environment = {
    PATH: process.env.PATH,
    PARLEY_DATA: folder,
    PARLEY_PORT: '0',
    PARLEY_HTTPS_PORT: '0',
    PARLEY_MEDIA_PORT: '0',
    ...env,
  }
  const finished = await run(process.execPath, ['--disable-warning=ExperimentalWarning', main], environment)
  rmSync(folder, { recursive: true, force: true })
  return finished
}

test('a first start makes the demo, says where it is, and ends with the ready line', async () => {
  await using server = await startServer()
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
  await using server = await startServer()
  const { stdout } = server.output()
  const commands = stdout.split('\n').filter((line) => line.startsWith('TOKEN=') || line.startsWith('curl '))
  const pasted = await run('bash', ['-c', `cd '${join(import.meta.dirname, '..', '..')}'\n${commands.join('\n')}`])
  assert.equal(pasted.code, 0, pasted.stderr)
  assert.match((JSON.parse(pasted.stdout) as { id: string }).id, /^\d{9}$/)
})

test('a restart keeps the meetings, the secret and the tokens', async () => {
  await using first = await startServer()
  const graph = await Graph.of(first)
  const meeting = await graph.create({ subject: 'kept' })
  const second = await first.restart()
  try {
    assert.deepEqual((await new Graph(second, graph.token).send('GET', `/beta/app/onlineMeetings/${meeting.id}`)).body, meeting)
    await (await Graph.of(second)).create()
  } finally {
    await second.stop()
  }
})

test('a signal ends it cleanly', async () => {
  const server = await startServer()
  assert.equal(await server.stop(), 0)
  assert.equal(server.output().stderr, '')
  rmSync(server.dataFolder, { recursive: true, force: true })
})

test('a second process on the folder says so and ends', async () => {
  await using server = await startServer()
  const second = await refused({ PARLEY_DATA: server.dataFolder })
  assert.equal(second.code, 1)
  assert.match(second.stderr, /^parley: another Parley is already running on the data folder .*\n$/)
  assert.equal((await fetch(`${server.dev.baseUrl}/readyz`)).status, 200)
})

test('a folder of a newer Parley is refused with a clear line', async () => {
  await using server = await startServer()
  await server.stop()
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(join(server.dataFolder, 'parley.db'))
  database.exec("insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2099-01-01')")
  database.close()
  const late = await refused({ PARLEY_DATA: server.dataFolder })
  assert.equal(late.code, 1)
  assert.match(late.stderr, /^parley: the data folder was written by a newer Parley .*9999-from-the-future.*\n$/)
})

test('settings are refused with one clear line each', async () => {
  for (const [env, line] of [
    [{ PARLEY_PORT: 'http' }, /PARLEY_PORT must be a port/],
    [{ PARLEY_PORT: '70000' }, /PARLEY_PORT must be a port/],
    [{ PARLEY_PORT: '8080', PARLEY_HTTPS_PORT: '8080' }, /PARLEY_HTTPS_PORT must differ/],
    [{ PARLEY_HOST: 'not an address' }, /PARLEY_HOST must be/],
    [{ PARLEY_HOST: '203.0.113.7' }, /PARLEY_HOST is no address of this machine/],
    [{ PARLEY_PUBLIC_URL: 'meet.example.org' }, /PARLEY_PUBLIC_URL must be/],
    [{ PARLEY_PUBLIC_URL: 'https://meet.example.org/path' }, /PARLEY_PUBLIC_URL must be an origin/],
    [{ PARLEY_DEMO: 'maybe' }, /PARLEY_DEMO must be 1 or 0/],
    [{ PARLEY_TLS_CERT: '/nowhere.pem' }, /PARLEY_TLS_KEY is needed/],
    [{ PARLEY_TLS_CERT: '/nowhere.pem', PARLEY_TLS_KEY: '/nowhere.pem' }, /PARLEY_TLS_CERT names a file that cannot be read/],
    [{ PARLEY_DIALIN_TOLL_NUMBER: 'call me' }, /PARLEY_DIALIN_TOLL_NUMBER must be a telephone number/],
    [{ PARLEY_DATABASE_URL: 'postgres://localhost/x' }, /PARLEY_DATABASE_URL is not supported yet/],
    [{ PARLEY_TRUSTED_ISSUERS: '{' }, /PARLEY_TRUSTED_ISSUERS is not JSON/],
    [{ PARLEY_TRUSTED_ISSUERS: '[{}]' }, /PARLEY_TRUSTED_ISSUERS item 1/],
    [{ PARLEY_PROT: '1' }, /PARLEY_PROT is not a setting/],
  ] as const) {
    const finished = await refused(env)
    assert.equal(finished.code, 1, JSON.stringify(env))
    assert.match(finished.stderr, line)
    assert.equal(finished.stderr.trim().split('\n').length, 1, finished.stderr)
    assert.equal(finished.stdout, '')
  }
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

test('settings decide: numbers, public address, no demo', async () => {
  await using server = await startServer({
    env: {
      PARLEY_PUBLIC_URL: 'https://meet.example.org',
      PARLEY_DIALIN_TOLL_NUMBER: '+1 202-555-0100',
      PARLEY_DIALIN_TOLL_FREE_NUMBER: '',
    },
  })
  assert.equal(server.url, 'https://meet.example.org')
  const meeting = await (await Graph.of(server)).create()
  assert.ok((meeting.joinUrl as string).startsWith('https://meet.example.org/l/meetup-join/'))
  assert.equal((meeting.audioConferencing as { tollNumber: string }).tollNumber, '+12025550100')
  await using plain = await startServer({ env: { PARLEY_DEMO: '0' } })
  assert.equal((await parley(plain, 'tenant', 'list', '--json')).stdout.trim(), '[]')
  assert.throws(() => statSync(join(plain.dataFolder, 'dev.json')))
})

test('https with the own CA is trusted by who trusts the CA, and by nobody else', async () => {
  await using server = await startServer()
  const probe = `fetch('${server.dev.httpsBaseUrl}/healthz').then((r) => console.log(r.status), (e) => console.log(e.cause.code))`
  const trusting = await run(process.execPath, ['-e', probe], { ...process.env, NODE_EXTRA_CA_CERTS: server.dev.caFile })
  assert.equal(trusting.stdout.trim(), '200')
  assert.match((await run(process.execPath, ['-e', probe])).stdout, /CERT|SIGNATURE/)
})

test('without dial-in numbers the block is null, and no secret is ever logged', async () => {
  await using server = await startServer({ env: { PARLEY_DEMO: '1', PARLEY_LOG_LEVEL: 'trace' } })
  const graph = await Graph.of(server)
  const meeting = await graph.create()
  await fetch(meeting.joinUrl as string)
  const { stdout, stderr } = server.output()
  const { participantPasscode } = meeting.audioConferencing as { participantPasscode: string }
  for (const secret of [
    server.dev.clientSecret,
    graph.token,
    participantPasscode,
    ...server.dev.users.map(({ password }) => password),
  ])
    assert.ok(!`${stdout}${stderr}`.includes(secret), 'a secret was logged')
})

test('configuration is printed as decided, secrets hidden', async () => {
  await using server = await startServer()
  const { code, stdout } = await parley(server, 'config', '--json')
  assert.equal(code, 0)
  assert.equal((JSON.parse(stdout) as { dataFolder: string }).dataFolder, server.dataFolder)
  writeFileSync(join(server.dataFolder, 'x'), '')
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
