import { createHmac, randomUUID } from 'node:crypto'
import type { Context as KoaContext } from 'koa'
import Provider, { type Configuration, errors, interactionPolicy, type JWK, type KoaContextWithOIDC } from 'oidc-provider'
import type { Clock } from '../../common/clock.ts'
import { senderOf } from '../../common/network.ts'
import type { Database } from '../../store/database.ts'
import { tokenLifetime } from '../access-tokens.ts'
import type { Directory } from '../directory.ts'
import type { Sessions } from '../session.ts'
import { OidcAdapter } from './adapter.ts'
import { toClient } from './clients.ts'
import type { Consents } from './consents.ts'
import { completeAnswers } from './entra-answers.ts'
import { graphResource, offlineScope, openIdScopes, resourceScopes } from './scopes.ts'
import { securePages } from './secure-pages.ts'

/** Pages of ours in place of oidc-provider's. Each sets the answer on `ctx`. */
export interface OidcPages {
  /** What an application tells the person to do (RFC 8628 has no such member; Entra's answer does). */
  deviceMessage(ctx: KoaContext, code: { userCode: string; uri: string }): string
  deviceCode(ctx: KoaContextWithOIDC, problem: 'unknown' | 'aborted' | null): void
  deviceConfirm(ctx: KoaContextWithOIDC, clientName: string, userCode: string): void
  deviceDone(ctx: KoaContextWithOIDC, clientName: string): void
  signOut(ctx: KoaContextWithOIDC): Promise<void>
  signedOut(ctx: KoaContextWithOIDC): void
  error(ctx: KoaContextWithOIDC, error: string, description: string | undefined): void
}

export interface ProviderOptions {
  tenantId: string
  issuer: string
  /** Newest first; the first signs. */
  keys: JWK[]
  db: Database
  clock: Clock
  directory: Directory
  sessions: Sessions
  consents: Consents
  pages: OidcPages
}

const day = 86_400
const deviceCodePath = '/oauth2/v2.0/deviceauth'

/** Seconds; Entra's: codes ten minutes, device codes fifteen, refresh tokens ninety days. */
const ttl = {
  AccessToken: tokenLifetime,
  AuthorizationCode: 600,
  DeviceCode: 900,
  Grant: 400 * day,
  IdToken: 3600,
  Interaction: 1200,
  RefreshToken: 90 * day,
  Session: 7 * day,
}

/** The OpenID provider of one tenant, under `/{tenant id}` (contract D). */
export function makeProvider(options: ProviderOptions): Provider {
  const { tenantId } = options
  const provider = new Provider(options.issuer, configuration(options))
  // The origin was decided by us (http/origin.ts) and is handed on in these headers.
  provider.proxy = true
  provider.use(startAgain(`/${tenantId}${deviceCodePath}`))
  provider.use(securePages)
  provider.use(completeAnswers({ clock: options.clock, deviceMessage: options.pages.deviceMessage }))
  provider.on('server_error', (_ctx, error) => console.error(`oidc-provider failed for tenant ${tenantId}:`, error))
  return provider
}

/** A form for a device's code without the session it was made in (expired, or never there) fails in oidc-provider; it gets a new form. */
function startAgain(path: string) {
  return async (ctx: KoaContext, next: () => Promise<void>): Promise<void> => {
    try {
      await next()
    } catch (error) {
      if (!(error instanceof TypeError) || !error.message.startsWith('persist can only be called')) throw error
      ctx.redirect(path)
      ctx.status = 303
    }
  }
}

function configuration(options: ProviderOptions): Configuration {
  const { tenantId, db, clock, directory, pages } = options
  const findClient = async (clientId: string) => {
    const application = await directory.applications.findByClientId(clientId)
    return application?.tenantId === tenantId && application.enabled ? toClient(application) : undefined
  }
  return {
    adapter: (model: string) =>
      new OidcAdapter(model, { db, clock, findClient, sender: () => Provider.ctx && senderOf(Provider.ctx.ip) }),
    jwks: { keys: options.keys },
    clientAuthMethods: ['none'],
    extraClientMetadata: { properties: ['confidential'] },
    responseTypes: ['code'],
    scopes: [...openIdScopes],
    claims: { openid: ['sub', 'oid', 'tid', 'ver'], profile: ['name', 'preferred_username'], email: ['email'] },
    conformIdTokenClaims: false,
    pkce: { required: (_ctx, client) => client.confidential !== true },
    ttl,
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has(offlineScope),
    loadExistingGrant: (ctx) => options.consents.load(ctx),
    findAccount: async (_ctx, id) => account(options, id),
    clientBasedCORS: () => true,
    cookies: {
      keys: options.keys.map(({ d }) => createHmac('sha256', String(d)).update('parley oidc cookies').digest('base64url')),
      long: { path: `/${tenantId}`, httpOnly: true, sameSite: 'lax' },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      code_verification: deviceCodePath,
      device_authorization: '/oauth2/v2.0/devicecode',
      end_session: '/oauth2/v2.0/logout',
      jwks: '/discovery/v2.0/keys',
      token: '/oauth2/v2.0/token',
    },
    interactions: {
      url: (_ctx, interaction) => `/${tenantId}/interaction/${interaction.uid}`,
      policy: policy(options.sessions),
    },
    formats: { customizers: { jwt: (ctx, token, parts) => customizeAccessToken(options, ctx, token, parts) } },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, _form, _out, error) =>
          pages.deviceCode(ctx, error === undefined ? null : error.name === 'AbortedError' ? 'aborted' : 'unknown'),
        userCodeConfirmSource: (ctx, _form, client, _info, userCode) =>
          pages.deviceConfirm(ctx, client.clientName ?? '', userCode),
        successSource: (ctx) => pages.deviceDone(ctx, ctx.oidc.client?.clientName ?? ''),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => pages.signOut(ctx),
        postLogoutSuccessSource: (ctx) => pages.signedOut(ctx),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => graphResource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== graphResource) throw new errors.InvalidTarget()
          return {
            scope: resourceScopes.join(' '),
            audience: graphResource,
            accessTokenTTL: tokenLifetime,
            accessTokenFormat: 'jwt' as const,
            jwt: { sign: { alg: 'RS256' as const, kid: options.keys[0]!.kid! } },
          }
        },
      },
    },
    renderError: (ctx, out) => pages.error(ctx, out.error, out.error_description),
  }
}

/**
 * Who is signed in is told by our own session, so that signing out there ends it here. An installed application without a
 * secret could be any program on the machine, so that each code needs the person's word (RFC 8252 section 8.6); others
 * are allowed once.
 */
function policy(sessions: Sessions) {
  const { base, Check } = interactionPolicy
  const prompts = base()
  const consent = prompts.get('consent')
  consent?.checks.remove('native_client_prompt')
  consent?.checks.add(
    new Check('public_native_client', 'an installed application is confirmed each time', 'interaction_required', ({ oidc }) =>
      oidc.client?.applicationType === 'native' && oidc.client.confidential !== true && oidc.result?.consent === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  )
  prompts.get('login')?.checks.add(
    new Check('parley_session', 'End-User authentication is required', async (ctx) => {
      const user = await sessions.sessionOf({ raw: ctx.req })
      const same = user !== null && user.id === ctx.oidc.session?.accountId
      return same ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT
    }),
  )
  return prompts
}

async function account({ directory, tenantId }: ProviderOptions, id: string) {
  const user = await directory.users.find(tenantId, id)
  if (user === undefined || !user.enabled) return undefined
  return {
    accountId: user.id,
    profile: { name: user.displayName, upn: user.upn },
    claims: async () => ({
      sub: user.id,
      oid: user.id,
      tid: tenantId,
      ver: '2.0',
      name: user.displayName,
      preferred_username: user.upn,
      email: user.mail ?? undefined,
    }),
  }
}

interface AccessTokenParts {
  header?: Record<string, unknown> | undefined
  payload: Record<string, unknown>
}

/** Entra's v1 token of a person (contract D.4), in place of RFC 9068's. */
async function customizeAccessToken(
  options: ProviderOptions,
  ctx: KoaContextWithOIDC,
  token: { scope?: string | undefined },
  parts: AccessTokenParts,
): Promise<void> {
  const { payload } = parts
  const user = await options.directory.users.find(options.tenantId, String(payload.sub))
  const client = ctx.oidc.client
  const scopes = (token.scope ?? '').split(' ').filter((scope) => scope !== offlineScope && scope !== '')
  parts.header = { typ: 'JWT', x5t: options.keys[0]!.kid }
  parts.payload = {
    aud: payload.aud,
    iss: payload.iss,
    iat: payload.iat,
    nbf: payload.iat,
    exp: payload.exp,
    aio: randomUUID(),
    app_displayname: client?.clientName,
    appid: client?.clientId,
    appidacr: client?.confidential === true ? '1' : '0',
    idp: payload.iss,
    idtyp: 'user',
    name: user?.displayName,
    oid: payload.sub,
    scp: scopes.join(' '),
    sub: payload.sub,
    tid: options.tenantId,
    unique_name: user?.upn,
    upn: user?.upn,
    uti: randomUUID(),
    ver: '1.0',
  }
}
