import { createPublicKey } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Clock } from '../common/clock.ts'
import type { FairQueue } from '../common/fair-queue.ts'
import type { Application, Credential, Directory } from './directory.ts'
import { OAuthError } from './oauth-errors.ts'
import { secretHint, verifySecret } from './secret-hash.ts'

export interface ClientCredentials {
  clientId: string
  secret?: string
  assertion?: string
}

export interface AuthenticatedClient {
  application: Application
  /** `appidacr`: 1 secret, 2 certificate. */
  method: '1' | '2'
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Read a client's credentials from the form and the Authorization header (RFC 6749 section 2.3.1, RFC 7523). Throws OAuthError. */
export function readClientCredentials(form: URLSearchParams, authorization: string | undefined): ClientCredentials {
  const basic = authorization === undefined ? undefined : readBasic(authorization)
  const assertion = form.get('client_assertion')
  const assertionSubject = assertion === null ? undefined : subjectOf(assertion)
  const clientId = form.get('client_id') ?? basic?.clientId ?? assertionSubject
  if (clientId === undefined || clientId === '') throw new OAuthError('AADSTS900144', "'client_id'.")
  if (basic !== undefined && basic.clientId !== clientId) throw new OAuthError('AADSTS9002313')
  if (assertion !== null) {
    if (form.get('client_assertion_type') !== assertionType) throw new OAuthError('AADSTS900144', "'client_assertion_type'.")
    return { clientId, assertion }
  }
  const secret = form.get('client_secret') ?? basic?.secret
  if (secret === undefined || secret === '') throw new OAuthError('AADSTS7000218')
  return { clientId, secret }
}

/** The application a request says it is, if it says so in a form that can be read. */
export function clientIdOf(form: URLSearchParams, authorization: string | undefined): string | undefined {
  try {
    const assertion = form.get('client_assertion')
    const basic = authorization === undefined ? undefined : readBasic(authorization)
    return form.get('client_id') ?? basic?.clientId ?? (assertion === null ? undefined : subjectOf(assertion))
  } catch {
    return undefined
  }
}

/**
 * Prove that a client is who it says. `audiences` are the names of this token endpoint an assertion may carry; `sender` is
 * who waits for the hashing. Throws OAuthError, QueueFullError.
 */
export async function authenticateClient(
  context: { directory: Directory; clock: Clock; hashing: FairQueue },
  tenantId: string,
  client: ClientCredentials,
  audiences: readonly string[],
  sender: string,
): Promise<AuthenticatedClient> {
  const application = await context.directory.applications.findByClientId(client.clientId)
  // No hash is spent on an unknown one: the code says that it is unknown, so that its time has nothing to hide.
  if (application === undefined || application.tenantId !== tenantId) throw new OAuthError('AADSTS700016')
  if (!application.enabled) throw new OAuthError('AADSTS7000112')
  const credentials = await context.directory.credentials.of(application.id)
  if (client.assertion !== undefined) await checkAssertion(context.clock, application, credentials, client.assertion, audiences)
  else await context.hashing.run(sender, () => checkSecret(context.clock, credentials, client.secret!))
  return { application, method: client.assertion === undefined ? '1' : '2' }
}

function readBasic(header: string): { clientId: string; secret: string } | undefined {
  const match = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header)
  if (match === null) return undefined
  const text = Buffer.from(match[1]!, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) throw new OAuthError('AADSTS9002313')
  try {
    return { clientId: decodeURIComponent(text.slice(0, colon)), secret: decodeURIComponent(text.slice(colon + 1)) }
  } catch {
    throw new OAuthError('AADSTS9002313')
  }
}

function subjectOf(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).sub
  } catch {
    throw new OAuthError('AADSTS50027')
  }
}

async function checkSecret(clock: Clock, credentials: Credential[], secret: string): Promise<void> {
  // Secrets are random, so that their first characters give nothing away; a guess costs no hash unless it has those.
  const secrets = credentials.filter(({ kind, hint }) => kind === 'secret' && (hint === null || hint === secretHint(secret)))
  const matching: Credential[] = []
  for (const credential of secrets) if (await verifySecret(secret, credential.value)) matching.push(credential)
  if (matching.length === 0) throw new OAuthError('AADSTS7000215')
  if (matching.every(({ expiresAt }) => expiresAt <= clock.now())) throw new OAuthError('AADSTS7000222')
}

async function checkAssertion(
  clock: Clock,
  application: Application,
  credentials: Credential[],
  assertion: string,
  audiences: readonly string[],
): Promise<void> {
  const header = decodeHeader(assertion)
  const certificate = credentials.find(
    ({ kind, thumbprintSha1, thumbprintSha256 }) =>
      kind === 'certificate' &&
      (header['x5t#S256'] === undefined ? sameThumbprint(header.x5t, thumbprintSha1) : header['x5t#S256'] === thumbprintSha256),
  )
  if (certificate === undefined) throw new OAuthError('AADSTS700027')
  if (certificate.expiresAt <= clock.now()) throw new OAuthError('AADSTS7000222')
  const payload = await verifyAssertion(clock, assertion, certificate, audiences)
  if (payload.iss !== application.clientId || payload.sub !== application.clientId) throw new OAuthError('AADSTS700021')
}

function decodeHeader(assertion: string): { x5t?: string; 'x5t#S256'?: string } {
  try {
    return decodeProtectedHeader(assertion) as { x5t?: string; 'x5t#S256'?: string }
  } catch {
    throw new OAuthError('AADSTS50027')
  }
}

/** Some libraries send the SHA-1 thumbprint in hexadecimal rather than base64url. */
function sameThumbprint(sent: string | undefined, stored: string | null): boolean {
  if (sent === undefined || stored === null) return false
  return sent === stored || (/^[0-9a-f]{40}$/i.test(sent) && Buffer.from(sent, 'hex').toString('base64url') === stored)
}

async function verifyAssertion(
  clock: Clock,
  assertion: string,
  certificate: Credential,
  audiences: readonly string[],
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(assertion, createPublicKey(certificate.value), {
      algorithms: ['PS256', 'RS256'],
      audience: [...audiences],
      requiredClaims: ['exp', 'iss', 'sub', 'aud'],
      clockTolerance: 300,
      currentDate: new Date(clock.millis()),
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new OAuthError('AADSTS500133')
    if (error instanceof errors.JWTClaimValidationFailed) {
      if (error.claim === 'aud') throw new OAuthError('AADSTS700023')
      if (error.claim === 'nbf' || error.claim === 'exp') throw new OAuthError('AADSTS500133')
      throw new OAuthError('AADSTS700021')
    }
    throw new OAuthError('AADSTS700027')
  }
}
