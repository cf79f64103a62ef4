import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDirectory } from '../../test/test-directory.ts'
import { Audit } from './audit.ts'

test('wrong passwords leave a bounded number of rows, and the next row says how many left none', async (t) => {
  const { db, clock, ada, tenant } = await testDirectory(t)
  const audit = new Audit(db, clock)
  for (let index = 0; index < 500; index++) await audit.recordWrongPassword(ada, `192.0.2.${index % 200}`)
  assert.equal((await audit.list(tenant.id, { limit: 1_000 })).length, 20)
  clock.move(600)
  await audit.recordWrongPassword(ada, '192.0.2.1')
  const [newest, ...rest] = await audit.list(tenant.id, { limit: 1_000 })
  assert.equal(rest.length, 20)
  assert.deepEqual(JSON.parse(newest!.detail), { notWritten: 480 })
})

test('rows are forgotten after their time', async (t) => {
  const { db, clock, ada, tenant } = await testDirectory(t)
  const audit = new Audit(db, clock)
  const actor = { id: ada.id, name: ada.upn, tenantId: tenant.id, address: '' }
  await audit.record(actor, 'old', { id: 'x', name: 'x' })
  clock.move(10 * 86_400)
  await audit.record(actor, 'new', { id: 'x', name: 'x' })
  assert.equal(await audit.forget(9), 1)
  assert.deepEqual(
    (await audit.list(tenant.id, { limit: 10 })).map(({ action }) => action),
    ['new'],
  )
})
