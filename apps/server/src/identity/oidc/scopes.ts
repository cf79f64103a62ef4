import { graphResources } from '../access-tokens.ts'
import { OAuthError } from '../oauth-errors.ts'
import { delegatedPermissions } from '../permissions.ts'

/** The one resource delegated tokens are for. */
export const graphResource = graphResources[0]

/** OpenID's own scopes. */
export const openIdScopes = ['openid', 'profile', 'email'] as const

/**
 * `offline_access` under a name of ours: oidc-provider drops the real one unless the person is asked again each time
 * (OpenID Connect Core section 11), which Entra does not do.
 */
export const offlineScope = 'offline'

/** Every scope of the Graph resource inside oidc-provider. */
export const resourceScopes: readonly string[] = [...openIdScopes, offlineScope, ...delegatedPermissions]

/** What `.default` asks for: enough for a person's own meetings. */
const defaultScopes = ['User.Read', 'OnlineMeetings.ReadWrite', 'Chat.ReadWrite', 'OnlineMeetingArtifact.Read.All']

/** How Graph names delegated permissions, e.g. `User.ReadWrite.All`. */
const permissionForm = /^[A-Za-z]{2,40}(?:[.-][A-Za-z]{2,40}){1,4}$/

const byLowerCase = new Map(resourceScopes.map((scope) => [scope.toLowerCase(), scope]))

/**
 * The scopes a client wrote (`User.Read`, `https://graph.microsoft.com/User.Read`, `{our origin}/.default`,
 * `offline_access`) as oidc-provider knows them. Throws OAuthError: 900144 for none, 70011 for one that is
 * no permission's name or when none is left, 500011 for an unknown resource. Permissions of Graph that are not here
 * (`Calendars.ReadWrite`) are left out; the answer's `scope` says what was granted (RFC 6749 section 3.3).
 */
export function readScopes(scope: string | null | undefined, origins: readonly string[]): string[] {
  const written = (scope ?? '').trim().split(/\s+/).filter(Boolean)
  if (written.length === 0) throw new OAuthError('AADSTS900144', "'scope'.")
  const found = new Set<string>()
  for (const each of written) {
    const { resource, name } = split(each)
    if (resource !== undefined) checkResource(resource, origins)
    for (const known of scopesOf(name)) found.add(known)
  }
  if (found.size === 0) throw unknownScope(written[0]!)
  return [...found]
}

/** `scope` of the answer: what was granted, in short names, and as the client wrote it, so that its cache finds the token again. */
export function writeScopes(granted: readonly string[], requested: string | null | undefined): string {
  const shown = granted.filter((scope) => scope !== offlineScope)
  const held = new Set(granted)
  const asWritten = (requested ?? '')
    .split(/\s+/)
    .filter((each) => each.includes('/'))
    .filter((each) => {
      const known = scopesOf(split(each).name)
      return known.length > 0 && known.every((scope) => held.has(scope))
    })
  return [...new Set([...shown, ...asWritten])].join(' ')
}

function split(written: string): { resource?: string; name: string } {
  const slash = written.lastIndexOf('/')
  return slash < 0 ? { name: written } : { resource: written.slice(0, slash), name: written.slice(slash + 1) }
}

function scopesOf(name: string): string[] {
  const key = name.toLowerCase()
  if (key === '.default') return defaultScopes
  if (key === 'offline_access') return [offlineScope]
  const known = key === offlineScope ? undefined : byLowerCase.get(key)
  if (known !== undefined) return [known]
  if (permissionForm.test(name)) return []
  throw unknownScope(name)
}

function unknownScope(name: string): OAuthError {
  return new OAuthError('AADSTS70011', ` The scope '${name.slice(0, 100)}' is not known.`)
}

function checkResource(resource: string, origins: readonly string[]): void {
  // `https://host//.default` is how a resource with a trailing slash is written.
  const name = resource.replace(/\/$/, '').toLowerCase()
  const known = [...graphResources, ...origins].some((each) => each.toLowerCase() === name)
  if (!known) throw new OAuthError('AADSTS500011', `'${resource.slice(0, 200)}'.`)
}
