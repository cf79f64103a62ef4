// tier: quick, 14 s, shared
// The unmodified packages of npm, over https.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { run } from '../lib/child.ts'
import { parley } from '../lib/cli.ts'
import { type Server, sharedServer } from '../lib/server.ts'
import { runScript } from './lib/run-script.ts'

let server: Server
before(async () => {
  server = await sharedServer()
})
after(async () => server[Symbol.asyncDispose]())

test('@microsoft/msgraph-sdk with ClientSecretCredential', async () => {
  await runScript('msgraph-sdk', { dev: server.dev })
})

test('@microsoft/msgraph-beta-sdk with ClientSecretCredential', async () => {
  await runScript('msgraph-beta-sdk', { dev: server.dev })
})

test('@microsoft/microsoft-graph-client with ClientSecretCredential', async () => {
  await runScript('graph-client', { dev: server.dev, way: 'secret' })
})

test('@microsoft/microsoft-graph-client with ClientCertificateCredential', async () => {
  const at = (name: string) => join(server.dataFolder, name)
  const { code, stderr } = await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=graph'],
    ...['-keyout', at('graph-key.pem'), '-out', at('graph-cert.pem')],
  ])
  if (code !== 0) throw new Error(`openssl: ${stderr}`)
  const both = await run('cat', [at('graph-key.pem'), at('graph-cert.pem')])
  writeFileSync(at('graph.pem'), both.stdout, { mode: 0o600 })
  const added = await parley(server, 'app', 'add-certificate', server.dev.clientId, at('graph-cert.pem'))
  if (added.code !== 0) throw new Error(added.stderr)
  await runScript('graph-client', { dev: server.dev, way: 'certificate', certificateFile: at('graph.pem') })
})

test('@microsoft/microsoft-graph-client with @azure/msal-node', async () => {
  await runScript('graph-client', { dev: server.dev, way: 'msal' })
})
