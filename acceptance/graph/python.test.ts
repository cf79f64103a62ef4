// tier: release, 150 s
// Clients of another language through its own package manager, and a published fuzzer driven by our OpenAPI document.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { run } from '../lib/child.ts'
import { parley } from '../lib/cli.ts'
import { Graph } from '../lib/graph.ts'
import { appToken, type Server, startServer } from '../lib/server.ts'
import { pythonPrograms, pythonScript } from './lib/python.ts'

let server: Server
let programs: string
before(async () => {
  programs = await pythonPrograms()
  server = await startServer({ env: { PARLEY_EXTENSIONS: 'list,upn,ics,idempotency' } })
})
after(async () => server?.[Symbol.asyncDispose]())

test("Python's msgraph-sdk creates, gets, finds, changes and deletes a meeting", async () => {
  const { dev } = server
  const env = { ...process.env, CASE: JSON.stringify({ dev }), SSL_CERT_FILE: dev.caFile, REQUESTS_CA_BUNDLE: dev.caFile }
  const { code, stdout, stderr } = await run(join(programs, 'python'), [pythonScript('msgraph_sdk.py')], env)
  assert.equal(code, 0, stderr || stdout)
})

test('Schemathesis finds no 5xx, and no answer that the OpenAPI document does not describe', async () => {
  const { dev, dataFolder } = server
  const roles = [
    ...['OnlineMeetings.ReadWrite.All', 'OnlineMeetingArtifact.Read.All', 'OnlineMeetingTranscript.Read.All'],
    ...['OnlineMeetingRecording.Read.All', 'VirtualAppointment.ReadWrite.All', 'User.Read.All', 'Organization.Read.All'],
  ]
  const granted = await parley(server, 'app', 'grant', dev.clientId, ...roles)
  assert.equal(granted.code, 0, granted.stderr)
  const graph = new Graph(server, await appToken(dev))
  const user = dev.users[0]!.id
  const meeting = await graph.create({}, `/v1.0/users/${user}/onlineMeetings`)
  // Real keys, so that the fuzzer comes past "not found".
  const config = join(dataFolder, 'schemathesis.toml')
  writeFileSync(config, `[parameters]\n"path.userId" = "${user}"\n"path.meetingId" = "${meeting.id}"\n`)
  const checks = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance'
  const { code, stdout, stderr } = await run(join(programs, 'schemathesis'), [
    ...['--config-file', config, 'run', `${dev.baseUrl}/openapi.json`],
    ...['-H', `Authorization: Bearer ${graph.token}`, '--checks', checks, '--exclude-method', 'DELETE'],
    ...['--exclude-path-regex', '/(me|chats|subscriptions)(/|$)'],
    ...['--phases', 'coverage,fuzzing', '--max-examples', '8', '--max-time', '60', '--continue-on-failure', '--no-color'],
    // Written down, so that a run is like the last one.
    ...['--seed', '20260101', '--generation-deterministic'],
  ])
  assert.equal(code, 0, stdout.slice(-6000) + stderr)
  assert.match(stdout, /(\d+) generated, \1 passed/)
})
