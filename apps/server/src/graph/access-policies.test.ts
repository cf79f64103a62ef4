import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorOf, openGraph } from '../../test/test-graph.ts'
import { AccessPolicyError } from '../identity/access-policies.ts'

test("strict: nothing without a policy, the tenant's holds for all, a user's own replaces it", async (t) => {
  const graph = await openGraph(t, { PARLEY_ACCESS_POLICY: 'strict' })
  const { context, ada, ben, application } = graph
  const tenantId = ada.tenantId
  const policies = context.accessPolicies
  const create = (userId: string) => graph.call('POST', `/users/${userId}/onlineMeetings`, { body: {} })

  const refused = await create(ada.id)
  assert.equal(refused.status, 403)
  assert.deepEqual(errorOf(refused), {
    code: 'Forbidden',
    message: `No application access policy found for this app: ${application.clientId} on the user: ${ada.id}.`,
    innerError: (refused.body.error as { innerError: unknown }).innerError,
  })

  await policies.set(tenantId, 'everybody', [application.clientId.toUpperCase()])
  await policies.grant(tenantId, 'everybody', null)
  assert.equal((await create(ada.id)).status, 201)

  await policies.set(tenantId, 'nobody', [])
  await policies.grant(tenantId, 'nobody', ben.id)
  assert.equal((await create(ben.id)).status, 403)
  assert.equal((await create(ada.id)).status, 201)
  assert.deepEqual(await policies.list(tenantId), [
    { ...(await policies.list(tenantId))[0]!, name: 'everybody', appIds: [application.clientId], grantedTo: ['tenant'] },
    { ...(await policies.list(tenantId))[1]!, name: 'nobody', appIds: [], grantedTo: [ben.id] },
  ])

  assert.equal(await policies.revoke(tenantId, ben.id), true)
  assert.equal((await create(ben.id)).status, 201)
  assert.equal(await policies.delete(tenantId, 'everybody'), true)
  assert.equal((await create(ben.id)).status, 403)
  await assert.rejects(policies.grant(tenantId, 'gone', null), AccessPolicyError)
  await assert.rejects(policies.set(tenantId, 'x', ['no guid']), AccessPolicyError)
})

test('strict: artifacts have their own text, the VTC lookup asks no policy, an unknown user is told first', async (t) => {
  const graph = await openGraph(t, { PARLEY_ACCESS_POLICY: 'strict' })
  const reports = await graph.call('GET', `/users/${graph.ada.id}/onlineMeetings/x/attendanceReports`)
  assert.equal(
    errorOf(reports).message,
    `Application is not allowed to perform operations on the user '${graph.ada.id}', neither is allowed access through RSC permission evaluation.`,
  )
  const lookup = await graph.call('GET', "/communications/onlineMeetings?$filter=VideoTeleconferenceId eq '1'")
  assert.equal(lookup.status, 200)
  const unknown = await graph.call('POST', `/users/${graph.ada.upn}/onlineMeetings`, { body: {} })
  assert.deepEqual([unknown.status, errorOf(unknown).message], [404, ''])
})

test('strict: the 2018 shape asks the policy of the organizer too', async (t) => {
  const graph = await openGraph(t, { PARLEY_ACCESS_POLICY: 'strict' })
  const { context, ada, application } = graph
  const organizer = { identity: { user: { id: ada.id } } }
  const body = { participants: { organizer } }
  const call = (method: string, id = '', sent?: unknown) =>
    graph.call(method, `/app/onlineMeetings${id}`, { version: 'beta', ...(sent === undefined ? {} : { body: sent }) })
  const refused = await call('POST', '', body)
  assert.deepEqual([refused.status, errorOf(refused).code], [403, 'Forbidden'])

  await context.accessPolicies.set(ada.tenantId, 'all', [application.clientId])
  await context.accessPolicies.grant(ada.tenantId, 'all', ada.id)
  const created = await call('POST', '', body)
  assert.equal(created.status, 201)
  const id = `/${String(created.body.id)}`
  assert.equal((await call('GET', id)).status, 200)

  await context.accessPolicies.revoke(ada.tenantId, ada.id)
  for (const [method, sent] of [['GET'], ['PATCH', { subject: 'x' }], ['DELETE']] as const)
    assert.equal((await call(method, id, sent)).status, 403, method)
})

test('a role that was taken from an application is gone from its tokens too', async (t) => {
  const graph = await openGraph(t)
  const { context, ada, application } = graph
  const read = () => graph.call('GET', `/users/${ada.id}/onlineMeetings/x`)
  assert.equal((await read()).status, 400)
  await context.directory.applications.grant(application.id, ['Chat.Read.All'])
  assert.equal((await read()).status, 403)
})

test('every refusal is kept with its reason, counted', async (t) => {
  const graph = await openGraph(t, { PARLEY_ACCESS_POLICY: 'strict' })
  for (let time = 0; time < 3; time++) await graph.call('POST', `/users/${graph.ada.id}/onlineMeetings`, { body: {} })
  const weak = await graph.appToken('OnlineMeetings.Read.All')
  await graph.call('POST', `/users/${graph.ada.id}/onlineMeetings`, { body: {}, token: weak })
  const refusals = await graph.context.accessRefusals.list(graph.ada.tenantId)
  const seen = refusals.map(({ userId, operation, reason, count }) => ({ userId, operation, reason, count }))
  const operation = 'POST /users/{userId}/onlineMeetings'
  assert.equal(seen.length, 2)
  assert.deepEqual(
    seen.find(({ userId }) => userId === graph.ada.id),
    { userId: graph.ada.id, operation, reason: 'no application access policy is granted to the user or to the tenant', count: 3 },
  )
  assert.deepEqual(
    seen.find(({ userId }) => userId === null),
    { userId: null, operation, reason: 'the token lacks the role OnlineMeetings.ReadWrite.All', count: 1 },
  )
})
