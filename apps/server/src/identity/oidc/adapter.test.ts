import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDirectory } from '../../../test/test-directory.ts'
import { anonymousRows, OidcAdapter } from './adapter.ts'

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

test('a new password, and disabling, end what a person has signed in; what they allowed stays', async (t) => {
  const { db, clock, directory, ada } = await testDirectory(t)
  const kinds = ['RefreshToken', 'AuthorizationCode', 'DeviceCode', 'Session', 'Grant'] as const
  const models = kinds.map((model) => [model, new OidcAdapter(model, { db, clock, findClient: async () => undefined })] as const)
  const left = async (account: string) => {
    const found = await Promise.all(models.map(async ([model, each]) => ((await each.find(`${model} ${account}`)) ? model : '')))
    return found.filter((model) => model !== '')
  }
  const sign = async (account: string) => {
    for (const [model, each] of models) await each.upsert(`${model} ${account}`, { accountId: account }, 600)
  }
  await sign(ada.id)
  await sign('somebody else')
  await directory.users.setPassword(ada.id, 'another horse')
  assert.deepEqual(await left(ada.id), ['Grant'])
  assert.deepEqual(await left('somebody else'), [...kinds])
  await sign(ada.id)
  await directory.users.setEnabled(ada.id, false)
  await directory.users.setEnabled(ada.id, true)
  assert.deepEqual(await left(ada.id), ['Grant'])
})

test('rows that need no sign-in are bounded for each sender, the newest kept, and others lose none', async (t) => {
  const { db, clock } = await testDirectory(t)
  let sender = 'honest'
  const interactions = new OidcAdapter('Interaction', { db, clock, findClient: async () => undefined, sender: () => sender })
  await interactions.upsert('mine', { uid: 'mine' }, 1200)
  sender = 'greedy'
  for (let index = 0; index < anonymousRows.bySender + 20; index++) {
    clock.move(0.001)
    await interactions.upsert(`row ${index}`, { uid: `row ${index}` }, 1200)
  }
  const rows = await db.selectFrom('oidc_payloads').select('sender').execute()
  assert.ok(rows.length <= anonymousRows.bySender + 2, String(rows.length))
  assert.ok(await interactions.find('mine'))
  assert.ok(await interactions.find(`row ${anonymousRows.bySender + 19}`))
  assert.equal(await interactions.find('row 0'), undefined)
})
