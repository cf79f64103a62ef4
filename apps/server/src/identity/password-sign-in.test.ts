import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDirectory } from '../../test/test-directory.ts'
import { knownDevice, rememberDevice } from './known-device.ts'
import { PasswordSignIn } from './password-sign-in.ts'

test('five wrong tries of an address at an account, then one a minute; other addresses are free', async (t) => {
  const { directory, clock } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  const attempt = async (password: string, address = '192.0.2.1') =>
    (await passwords.verify('ADA@unit.example', password, { address })).kind
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
    assert.equal((await passwords.verify('ada@unit.example', 'correct horse', { address: '192.0.2.1' })).kind, 'user')
})

test('an address that tries many accounts is slowed down too', async (t) => {
  const { directory, clock } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  const kinds = await Promise.all(
    Array.from(
      { length: 40 },
      async (_, index) => (await passwords.verify(`${index}@unit.example`, 'x', { address: '192.0.2.1' })).kind,
    ),
  )
  assert.equal(kinds.filter((kind) => kind === 'wrong').length, 30)
  assert.equal(kinds.filter((kind) => kind === 'wait').length, 10)
})

test('disabled people and people without a password cannot sign in', async (t) => {
  const { directory, clock, ada, tenant } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  await directory.users.create({ tenantId: tenant.id, upn: 'bob@unit.example', displayName: 'Bob' })
  assert.equal((await passwords.verify('bob@unit.example', '', { address: 'a' })).kind, 'wrong')
  await directory.users.setEnabled(ada.id, false)
  assert.equal((await passwords.verify('ada@unit.example', 'correct horse', { address: 'a' })).kind, 'wrong')
})

test('strangers who use up every budget of an account shut out neither a known device nor a session nor a newcomer', async (t) => {
  const { directory, clock, ada } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  const device = rememberDevice(undefined, ada)
  const attempt = async (password: string, source: { address: string; device?: string; session?: string }) =>
    (await passwords.verify(ada.upn, password, source)).kind
  for (let host = 1; host <= 25; host++)
    for (let index = 0; index < 5; index++) await attempt('wrong', { address: `198.51.100.${host}` })
  assert.equal(await attempt('correct horse', { address: '198.51.100.99' }), 'wait')
  assert.equal(await attempt('correct horse', { address: '198.51.100.99', device }), 'user')
  assert.equal(await attempt('correct horse', { address: '198.51.100.99', session: 's' }), 'user')
  assert.equal(await attempt('correct horse', { address: '192.0.2.1' }), 'user')
  for (let index = 0; index < 10; index++) assert.equal(await attempt('wrong', { address: '192.0.2.9', device }), 'wrong')
  assert.equal(await attempt('wrong', { address: '192.0.2.9', device }), 'wait')
})

test('a device is known to nobody else, and no longer after a change of password', async (t) => {
  const { directory, ada, tenant } = await testDirectory(t)
  const bob = await directory.users.create({
    tenantId: tenant.id,
    upn: 'bob@unit.example',
    displayName: 'Bob',
    password: 'battery staple',
  })
  const both = rememberDevice(rememberDevice(undefined, ada), bob)
  assert.equal(knownDevice(both, ada), knownDevice(rememberDevice(both, ada), ada))
  assert.ok(knownDevice(both, bob) !== undefined)
  assert.equal(knownDevice(rememberDevice(undefined, ada), bob), undefined)
  assert.equal(knownDevice(both.replace('.', '.x'), bob), undefined)
  await directory.users.setPassword(ada.id, 'another horse')
  assert.equal(knownDevice(both, (await directory.users.find(tenant.id, ada.id))!), undefined)
})

test('an address that is used up cannot make the tries of another be forgotten', async (t) => {
  const { directory, clock, ada } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  const attempt = async (upn: string, address: string) => (await passwords.verify(upn, 'wrong', { address })).kind
  for (let index = 0; index < 5; index++) await attempt(ada.upn, '127.0.31.1')
  for (let index = 0; index < 12_000; index++) await attempt(`${index}@unit.example`, '127.0.30.1')
  assert.equal(await attempt(ada.upn, '127.0.31.1'), 'wait')
})

test('one subscriber of IPv6 counts as one', async (t) => {
  const { directory, clock, ada } = await testDirectory(t)
  const passwords = new PasswordSignIn(directory, clock)
  const kinds: string[] = []
  for (let index = 1; index <= 7; index++)
    kinds.push((await passwords.verify(ada.upn, 'wrong', { address: `2001:db8::${index}` })).kind)
  assert.deepEqual(kinds, ['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wait', 'wait'])
})
