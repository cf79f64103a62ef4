import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** A token issuer outside the server, as Entra ID or Keycloak would be; PARLEY_TRUSTED_ISSUERS makes it count. */
export interface Issuer {
  /** The setting that trusts it. */
  env: { PARLEY_TRUSTED_ISSUERS: string }
  /** A token of an application with roles. */
  app(roles: string[], appId?: string): Promise<string>
  /** A token of a person with scopes. */
  person(objectId: string, scopes: string[], appId?: string): Promise<string>
  close(): void
}

const audience = 'api://parley'
export const outsideAppId = '6f9d2f3c-0000-4000-8000-0000000000aa'
/** The demo's tenant. */
const demoTenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47'

export async function startIssuer(tenantId = demoTenantId): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'outside', use: 'sig', alg: 'RS256' }
  const server = createServer((request, response) => {
    const discovery = { issuer, jwks_uri: `${issuer}/keys` }
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(request.url?.endsWith('/openid-configuration') ? discovery : { keys: [jwk] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sign = (claims: JWTPayload) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'outside' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('30m')
      .sign(privateKey)
  return {
    env: { PARLEY_TRUSTED_ISSUERS: JSON.stringify([{ issuer, audience, tenantId }]) },
    app: (roles, appId = outsideAppId) => sign({ sub: appId, oid: appId, appid: appId, idtyp: 'app', roles }),
    person: (objectId, scopes, appId = outsideAppId) =>
      sign({ sub: objectId, oid: objectId, appid: appId, idtyp: 'user', scp: scopes.join(' ') }),
    close: () => server.close(),
  }
}
