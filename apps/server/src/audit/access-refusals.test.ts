import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDirectory } from '../../test/test-directory.ts'
import type { Database } from '../store/database.ts'
import { AccessRefusals } from './access-refusals.ts'

test('refusals that could not be written wait for the next write, and are counted once', async (t) => {
  const { db, clock, tenant } = await testDirectory(t)
  let fails = true
  const unsteady = new Proxy(db, {
    get(target, name) {
      if (name === 'insertInto' && fails) throw new Error('the disk is full')
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  }) as Database
  const refusals = new AccessRefusals(unsteady, clock)
  const refusal = { tenantId: tenant.id, appId: 'app', userId: undefined, operation: 'GET /me', reason: 'no' }
  refusals.note(refusal)
  await assert.rejects(refusals.flush(), /the disk is full/)
  refusals.note(refusal)
  await assert.rejects(refusals.flush(), /the disk is full/)
  fails = false
  const [only, ...more] = await refusals.list(tenant.id)
  assert.equal(only!.count, 2)
  assert.deepEqual(more, [])
})
