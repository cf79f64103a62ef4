import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDirectory } from '../../test/test-directory.ts'
import { PasswordSignIn } from './password-sign-in.ts'

test('five wrong tries of an address at an account, then one a minute; other addresses are free', async (t) => {
  const { directory, clock } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  const attempt = async (password: string, address = '192.0.2.1') =>
    (await passwords.verify('ADA@unit.example', password, address)).kind
  for (let index = 0; index < 5; index++) assert.equal(await attempt('wrong'), 'wrong')
  assert.equal(await attempt('correct horse'), 'wait')
  assert.equal(await attempt('correct horse', '192.0.2.2'), 'user')
  clock.move(60)
  assert.equal(await attempt('correct horse'), 'user')
  assert.equal(await attempt('wrong'), 'wrong')
  assert.equal(await attempt('wrong'), 'wait')
})

test('right passwords cost nothing', async (t) => {
  const { directory, clock } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  for (let index = 0; index < 12; index++)
    assert.equal((await passwords.verify('ada@unit.example', 'correct horse', '192.0.2.1')).kind, 'user')
})

test('an address that tries many accounts is slowed down too', async (t) => {
  const { directory, clock } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  const kinds = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => (await passwords.verify(`${index}@unit.example`, 'x', '192.0.2.1')).kind),
  )
  assert.equal(kinds.filter((kind) => kind === 'wrong').length, 30)
  assert.equal(kinds.filter((kind) => kind === 'wait').length, 10)
})

test('disabled people and people without a password cannot sign in', async (t) => {
  const { directory, clock, ada, tenant } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  await directory.createUser({ tenantId: tenant.id, upn: 'bob@unit.example', displayName: 'Bob' })
  assert.equal((await passwords.verify('bob@unit.example', '', 'a')).kind, 'wrong')
  await directory.setUserEnabled(ada.id, false)
  assert.equal((await passwords.verify('ada@unit.example', 'correct horse', 'a')).kind, 'wrong')
})
