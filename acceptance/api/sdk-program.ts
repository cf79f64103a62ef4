// A developer's program: unmodified SDKs pointed at Parley. Arguments: the way to authenticate, then the path of dev.json.
import { readFileSync } from 'node:fs'
import { ClientCertificateCredential, ClientSecretCredential, type TokenCredential } from '@azure/identity'
import { ConfidentialClientApplication } from '@azure/msal-node'
import { Client } from '@microsoft/microsoft-graph-client'
import type { Dev } from '../lib/server.ts'

const [way, devFile, certificateFile] = process.argv.slice(2) as [string, string, string | undefined]
const dev = JSON.parse(readFileSync(devFile, 'utf8')) as Dev
const scope = 'https://graph.microsoft.com/.default'
const host = new URL(dev.httpsBaseUrl)

async function getToken(): Promise<string> {
  if (way === 'msal') {
    const application = new ConfidentialClientApplication({
      auth: {
        clientId: dev.clientId,
        clientSecret: dev.clientSecret,
        authority: `${dev.httpsBaseUrl}/${dev.tenantId}`,
        knownAuthorities: [host.host],
      },
    })
    return (await application.acquireTokenByClientCredential({ scopes: [scope] }))!.accessToken
  }
  const options = { authorityHost: dev.httpsBaseUrl, disableInstanceDiscovery: true }
  const credential: TokenCredential =
    way === 'certificate'
      ? new ClientCertificateCredential(dev.tenantId, dev.clientId, { certificatePath: certificateFile! }, options)
      : new ClientSecretCredential(dev.tenantId, dev.clientId, way === 'wrong' ? 'not-the-secret' : dev.clientSecret, options)
  return (await credential.getToken(way === 'origin' ? `${dev.httpsBaseUrl}/.default` : scope))!.token
}

try {
  const client = Client.initWithMiddleware({
    authProvider: { getAccessToken: getToken },
    baseUrl: `${dev.httpsBaseUrl}/`,
    defaultVersion: 'beta',
    customHosts: new Set([host.hostname]),
  })
  const meeting = (await client.api('/app/onlineMeetings').post({
    meetingType: 'meetNow',
    participants: { organizer: { identity: { user: { id: dev.users[0]!.id } } } },
    subject: 'subject-value',
  })) as { id: string }
  const found = (await client.api(`/app/onlineMeetings/${meeting.id}`).select('subject').get()) as unknown
  const missing = await client
    .api('/app/onlineMeetings/000000000x')
    .get()
    .catch(({ statusCode, code, requestId }: Record<string, unknown>) => ({ statusCode, code, requestId }))
  console.log(JSON.stringify({ meeting, found, missing }))
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).message }))
}
