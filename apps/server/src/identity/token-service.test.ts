import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { decodeJwt } from 'jose'
import { testDirectory } from '../../test/test-directory.ts'
import { FairQueue } from '../common/fair-queue.ts'
import { AccessTokens } from './access-tokens.ts'
import { OAuthError } from './oauth-errors.ts'
import { SigningKeys } from './signing-keys.ts'
import { TokenService } from './token-service.ts'
import { TrustedIssuers } from './trusted-issuers.ts'

/** Hashing that is counted. */
class CountingQueue extends FairQueue {
  runs = 0
  override run<T>(sender: string, work: () => Promise<T>): Promise<T> {
    this.runs += 1
    return super.run(sender, work)
  }
}

async function service(t: TestContext) {
  const { directory, clock, tenant } = await testDirectory(t)
  const folder = mkdtempSync(join(tmpdir(), 'parley-unit-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const origins = ['https://meet.example']
  const keys = await SigningKeys.open(join(folder, 'keys.json'))
  const tokens = new AccessTokens({ keys, clock, issuerBase: origins[0]!, origins, trusted: new TrustedIssuers([]) })
  const hashing = new CountingQueue({ atOnce: 2, waiting: 100 })
  const tokenService = new TokenService({ directory, tokens, clock, origins, hashing })
  const application = await directory.applications.create({
    tenantId: tenant.id,
    displayName: 'Unit',
    roles: ['OnlineMeetings.ReadWrite.All'],
  })
  const { secret } = await directory.credentials.addSecret(application.id, {})
  const ask = (body: string, options: { v1?: boolean; address?: string; authorization?: string } = {}) =>
    tokenService
      .answer({
        tenant: tenant.id,
        form: new URLSearchParams(body),
        authorization: options.authorization,
        address: options.address ?? '192.0.2.1',
        origin: origins[0]!,
        ...(options.v1 === undefined ? {} : { v1: options.v1 }),
      })
      .catch((error: unknown) => {
        if (error instanceof OAuthError) return error
        throw error
      })
  return { ask, hashing, clientId: application.clientId, secret, clock }
}

const audienceOf = (answer: Awaited<ReturnType<Awaited<ReturnType<typeof service>>['ask']>>) => {
  assert.ok(!(answer instanceof OAuthError), String(answer))
  return decodeJwt(answer.access_token).aud
}

test('what the libraries send, as they send it', async (t) => {
  const { ask, clientId, secret } = await service(t)
  const id = `client_id=${clientId}&client_secret=${secret}&grant_type=client_credentials`
  const bodies = {
    'msal4j: OpenID scopes before the resource': `${id}&scope=openid+profile+offline_access+https%3A%2F%2Fgraph.microsoft.com%2F.default&client_info=1`,
    'microsoft-authentication-library-for-go: after it': `client_id=${clientId}&client_info=1&client_secret=${secret}&grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default+openid+offline_access+profile`,
    'msal-python and msal-node: the resource alone': `${id}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default`,
    'twice the same': `${id}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default%20https%3A%2F%2Fgraph.microsoft.com%2F.default`,
  }
  for (const [library, body] of Object.entries(bodies))
    assert.equal(audienceOf(await ask(body)), 'https://graph.microsoft.com', library)
})

test('scopes that name no resource, another one, two, or a single permission are refused', async (t) => {
  const { ask, clientId, secret } = await service(t)
  const codeOf = async (scope: string) =>
    (
      (await ask(
        `client_id=${clientId}&client_secret=${secret}&grant_type=client_credentials&scope=${encodeURIComponent(scope)}`,
      )) as OAuthError
    ).code
  assert.equal(await codeOf('openid profile'), 'AADSTS1002012')
  assert.equal(await codeOf('https://graph.microsoft.com/User.Read'), 'AADSTS1002012')
  assert.equal(await codeOf('https://graph.microsoft.com/.default https://graph.microsoft.com/User.Read'), 'AADSTS1002012')
  assert.equal(await codeOf('https://graph.microsoft.com/.default https://x.example/.default'), 'AADSTS700022')
  assert.equal(await codeOf('https://x.example/.default openid'), 'AADSTS500011')
})

test('the v1 endpoint takes a resource in place of a scope', async (t) => {
  const { ask, clientId, secret } = await service(t)
  const body = (resource: string) =>
    `grant_type=client_credentials&client_id=${clientId}&client_secret=${secret}${resource === '' ? '' : `&resource=${encodeURIComponent(resource)}`}`
  for (const resource of ['https://graph.microsoft.com', 'https://graph.microsoft.com/'])
    assert.equal(audienceOf(await ask(body(resource), { v1: true })), 'https://graph.microsoft.com')
  assert.equal(((await ask(body(''), { v1: true })) as OAuthError).code, 'AADSTS900144')
  assert.equal(((await ask(body('https://x.example'), { v1: true })) as OAuthError).code, 'AADSTS500011')
  assert.equal(((await ask(body('https://graph.microsoft.com'))) as OAuthError).code, 'AADSTS901002')
  assert.equal(
    ((await ask(`${body('x').replace('client_credentials', 'password')}`, { v1: true })) as OAuthError).code,
    'AADSTS70003',
  )
})

test('made-up applications cost no hash, and are slowed down by sender, whatever they are called', async (t) => {
  const { ask, hashing } = await service(t)
  const codes: string[] = []
  for (let index = 0; index < 100; index++)
    codes.push(
      (
        (await ask(
          `grant_type=client_credentials&client_id=made-up-${index}&client_secret=x&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default`,
        )) as OAuthError
      ).code,
    )
  assert.equal(hashing.runs, 0)
  assert.deepEqual([...new Set(codes)], ['AADSTS700016', 'AADSTS90055'])
  assert.equal(codes.filter((code) => code === 'AADSTS700016').length, 60)
})

test('wrong secrets of a known application are slowed down by sender, and the right one elsewhere is not', async (t) => {
  const { ask, clientId, secret } = await service(t)
  const body = (shown: string) =>
    `grant_type=client_credentials&client_id=${clientId}&client_secret=${shown}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default`
  for (let index = 0; index < 10; index++)
    assert.equal(((await ask(body(`${secret.slice(0, 3)}wrong`))) as OAuthError).code, 'AADSTS7000215')
  assert.equal(((await ask(body(secret))) as OAuthError).code, 'AADSTS90055')
  assert.equal(audienceOf(await ask(body(secret), { address: '192.0.2.2' })), 'https://graph.microsoft.com')
})

test('a form of many names is read once', async (t) => {
  const { ask } = await service(t)
  const names = Array.from({ length: 60_000 }, (_, index) => index.toString(36)).join('&')
  assert.equal(((await ask(names)) as OAuthError).code, 'AADSTS900144')
  assert.equal(((await ask(`${names}&1`)) as OAuthError).code, 'AADSTS9002313')
})
