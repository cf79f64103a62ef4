// tier: quick, 4 s
import assert from 'node:assert/strict'
import { createServer, type Server as HttpServer } from 'node:http'
import { after, before, test } from 'node:test'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { errorOf, Graph, organizedBy } from '../lib/graph.ts'
import { type Server, startServer } from '../lib/server.ts'

// An issuer outside, as Entra ID or Keycloak would be: discovery, keys, tokens with roles.
const keys = await generateKeyPair('RS256', { extractable: true })
const strangers = await generateKeyPair('RS256', { extractable: true })
const audience = 'api://parley'
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const path = '/beta/app/onlineMeetings'
let outside: HttpServer
let issuer: string
let keyRequests = 0
let server: Server

before(async () => {
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'outside-1', use: 'sig', alg: 'RS256' }
  outside = createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json')
    if (request.url === '/realm/.well-known/openid-configuration')
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }))
    else {
      keyRequests += 1
      response.end(JSON.stringify({ keys: [jwk] }))
    }
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => outside.once('listening', resolve))
  issuer = `http://127.0.0.1:${(outside.address() as { port: number }).port}/realm`
  server = await startServer({ env: { PARLEY_TRUSTED_ISSUERS: JSON.stringify([{ issuer, audience, tenantId }]) } })
})
after(async () => {
  outside.close()
  await server[Symbol.asyncDispose]()
})

async function tokenWith(
  claims: JWTPayload,
  options: { key?: CryptoKey; audience?: string; expires?: string } = {},
): Promise<Graph> {
  const token = await new SignJWT({ sub: 'service', azp: 'outside-app', ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'outside-1' })
    .setIssuer((claims.iss as string | undefined) ?? issuer)
    .setAudience(options.audience ?? audience)
    .setIssuedAt()
    .setExpirationTime(options.expires ?? '10m')
    .sign(options.key ?? keys.privateKey)
  return new Graph(server, token)
}

const body = () => ({ participants: organizedBy(server.dev.users[0]!.id) })

test("a trusted issuer's roles count, in the tenant the settings name", async () => {
  const graph = await tokenWith({ roles: ['OnlineMeetings.ReadWrite.All'], tid: 'whatever-they-say' })
  const meeting = await graph.create()
  assert.equal((await (await Graph.of(server)).send('GET', `${path}/${meeting.id}`)).status, 200)
  const reader = await tokenWith({ roles: ['OnlineMeetings.Read.All'] })
  assert.equal((await reader.send('GET', `${path}/${meeting.id}`)).status, 200)
  assert.equal((await reader.send('POST', path, body())).status, 403)
  assert.equal(keyRequests, 1, 'the keys are fetched once and kept')
})

test('a delegated token is refused where the page says "not supported"', async () => {
  const person = await tokenWith({ scp: 'OnlineMeetings.ReadWrite', oid: server.dev.users[0]!.id })
  const refused = await person.send('POST', path, body())
  assert.equal(refused.status, 403)
  assert.equal(errorOf(refused).code, 'Authorization_RequestDenied')
})

test('forged, foreign, expired and unknown tokens are refused', async () => {
  const roles = ['OnlineMeetings.ReadWrite.All']
  for (const [graph, message] of [
    [await tokenWith({ roles }, { key: strangers.privateKey }), /signature/],
    [await tokenWith({ roles }, { audience: 'api://someone-else' }), /Invalid audience/],
    [await tokenWith({ roles }, { expires: '-1m' }), /expired/],
    [await tokenWith({ roles, iss: 'https://unknown.example' }), /signature/],
  ] as const) {
    const refused = await graph.send('POST', path, body())
    assert.equal(refused.status, 401)
    assert.match(errorOf(refused).message, message)
  }
})
