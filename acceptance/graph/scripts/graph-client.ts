// @microsoft/microsoft-graph-client over https, with @azure/identity or @azure/msal-node, in v1.0 and beta.
import assert from 'node:assert/strict'
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity'
import { ConfidentialClientApplication } from '@azure/msal-node'
import { Client, GraphError, PageIterator } from '@microsoft/microsoft-graph-client'
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js'
import { readCase } from '../lib/run-script.ts'

const { dev, way, certificateFile } = readCase()
const host = new URL(dev.httpsBaseUrl)
const scopes = ['https://graph.microsoft.com/.default']
const options = { authorityHost: dev.httpsBaseUrl, disableInstanceDiscovery: true }

function authProvider() {
  if (way === 'msal') {
    const authority = `${dev.httpsBaseUrl}/${dev.tenantId}`
    const application = new ConfidentialClientApplication({
      auth: { clientId: dev.clientId, clientSecret: dev.clientSecret, authority, knownAuthorities: [host.host] },
    })
    return { getAccessToken: async () => (await application.acquireTokenByClientCredential({ scopes }))!.accessToken }
  }
  const credential =
    way === 'certificate'
      ? new ClientCertificateCredential(dev.tenantId, dev.clientId, { certificatePath: String(certificateFile) }, options)
      : new ClientSecretCredential(dev.tenantId, dev.clientId, dev.clientSecret, options)
  return new TokenCredentialAuthenticationProvider(credential, { scopes })
}

interface Meeting {
  id: string
  subject: string | null
  joinWebUrl: string
}

const user = dev.users[0]!.id
for (const version of ['v1.0', 'beta']) {
  const client = Client.initWithMiddleware({
    authProvider: authProvider(),
    baseUrl: `${dev.httpsBaseUrl}/`,
    defaultVersion: version,
    customHosts: new Set([host.hostname]),
  })
  const meetings = `/users/${user}/onlineMeetings`
  const made = (await client.api(meetings).post({ subject: `by ${String(way)}` })) as Meeting
  const read = (await client.api(`${meetings}/${made.id}`).select(['id', 'subject']).get()) as Meeting
  assert.deepEqual([read.id, read.subject, read.joinWebUrl], [made.id, `by ${String(way)}`, undefined])
  const filter = `JoinWebUrl eq '${made.joinWebUrl}'`
  const found = (await client.api(meetings).filter(filter).get()) as { value: Meeting[] }
  assert.equal(found.value[0]?.id, made.id)
  const encoded = `JoinWebUrl eq '${encodeURIComponent(made.joinWebUrl)}'`
  assert.equal(((await client.api(meetings).filter(encoded).get()) as { value: Meeting[] }).value[0]?.id, made.id)
  const changed = (await client.api(`${meetings}/${made.id}`).patch({ subject: 'changed' })) as Meeting
  assert.equal(changed.subject, 'changed')
  const same = (await client.api(`${meetings}/createOrGet`).post({ externalId: `${String(way)}-${version}` })) as Meeting
  assert.equal(
    ((await client.api(`${meetings}/createOrGet`).post({ externalId: `${String(way)}-${version}` })) as Meeting).id,
    same.id,
  )

  const listed: string[] = []
  const first = await client.api(meetings).header('Parley-Extensions', 'list').top(1).get()
  const next = { headers: { 'Parley-Extensions': 'list' } }
  await new PageIterator(client, first, (meeting: Meeting) => listed.push(meeting.id) > 0, next).iterate()
  assert.ok(listed.includes(made.id) && listed.includes(same.id))

  const batch = await client.api('/$batch').post({
    requests: [
      { id: '1', method: 'GET', url: `${meetings}/${made.id}` },
      { id: '2', method: 'DELETE', url: `${meetings}/${made.id}`, dependsOn: ['1'] },
    ],
  })
  const statuses = (batch as { responses: { id: string; status: number }[] }).responses.map(({ id, status }) => `${id} ${status}`)
  assert.deepEqual(statuses.sort(), ['1 200', '2 204'])
  const error = await client
    .api(`${meetings}/${made.id}`)
    .get()
    .catch((problem: unknown) => problem)
  assert.ok(error instanceof GraphError)
  assert.deepEqual([error.statusCode, error.code], [404, 'NotFound'])
  assert.match(String(error.requestId), /^[0-9a-f-]{36}$/)
}
