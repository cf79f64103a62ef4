import type { AdapterPayload } from 'oidc-provider'
import type { Application } from '../directory.ts'
import { isNative } from '../redirect-uris.ts'

const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** Grants that oidc-provider answers; `device_code` is how MSAL names the last. */
export const delegatedGrants: ReadonlyMap<string, string> = new Map([
  ['authorization_code', 'authorization_code'],
  ['refresh_token', 'refresh_token'],
  ['device_code', deviceCodeGrant],
  [deviceCodeGrant, deviceCodeGrant],
])

/**
 * An application as oidc-provider knows clients. Its secret or certificate has been proved in Entra's dialect before
 * a request gets here (client-authentication.ts), so to oidc-provider every client is one without a secret.
 */
export function toClient(application: Application): AdapterPayload {
  const redirectUris = withAndWithoutSlash(application.redirectUris)
  const code = redirectUris.length > 0
  return {
    client_id: application.clientId,
    client_name: application.displayName,
    application_type: isNative(redirectUris) ? 'native' : 'web',
    token_endpoint_auth_method: 'none',
    grant_types: [...(code ? ['authorization_code'] : []), 'refresh_token', deviceCodeGrant],
    response_types: code ? ['code'] : [],
    redirect_uris: redirectUris,
    post_logout_redirect_uris: redirectUris,
    confidential: !application.isPublic,
  }
}

/** `http://localhost` and `http://localhost/` are one address; libraries write either. */
function withAndWithoutSlash(uris: readonly string[]): string[] {
  const both = uris.flatMap((uri) => {
    const { origin, href } = new URL(uri)
    return origin === uri || href === `${origin}/` ? [origin, `${origin}/`] : [uri]
  })
  return [...new Set(both)]
}
