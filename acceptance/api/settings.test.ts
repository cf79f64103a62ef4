// tier: full, 40 s
// What an administrator decides by settings, and what is refused.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parley } from '../lib/cli.ts'
import { Graph } from '../lib/graph.ts'
import { refused } from '../lib/refused.ts'
import { startServer } from '../lib/server.ts'

test('settings are refused with one clear line each', async () => {
  for (const [env, line] of [
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
