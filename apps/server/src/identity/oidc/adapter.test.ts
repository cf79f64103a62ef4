import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDirectory } from '../../../test/test-directory.ts'
import { OidcAdapter } from './adapter.ts'

test('a bearer value is kept nowhere in clear, and is found by itself alone', async (t) => {
  const { db, clock } = await testDirectory(t)
  const tokens = new OidcAdapter('RefreshToken', { db, clock, findClient: async () => undefined })
  await tokens.upsert('secret-value', { jti: 'secret-value', grantId: 'g', accountId: 'a' }, 60)
  assert.equal(JSON.stringify(await db.selectFrom('oidc_payloads').selectAll().execute()).includes('secret-value'), false)
  assert.deepEqual(await tokens.find('secret-value'), { jti: 'secret-value', grantId: 'g', accountId: 'a' })
  const codes = new OidcAdapter('AuthorizationCode', { db, clock, findClient: async () => undefined })
  assert.equal(await codes.find('secret-value'), undefined, 'a value of another model opens nothing')
})

test('of two who use it at once one wins; what expired or was revoked is gone', async (t) => {
  const { db, clock } = await testDirectory(t)
  const tokens = new OidcAdapter('RefreshToken', { db, clock, findClient: async () => undefined })
  await tokens.upsert('one', { jti: 'one', grantId: 'g' }, 60)
  const uses = await Promise.allSettled([tokens.consume('one'), tokens.consume('one'), tokens.consume('one')])
  assert.equal(uses.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.ok((await tokens.find('one'))?.consumed)
  await tokens.upsert('two', { jti: 'two', grantId: 'g' }, 60)
  await tokens.revokeByGrantId('g')
  assert.equal(await tokens.find('two'), undefined)
  await tokens.upsert('three', { jti: 'three' }, 60)
  clock.move(61)
  assert.equal(await tokens.find('three'), undefined)
})
