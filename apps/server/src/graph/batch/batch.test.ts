import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { errorOf, openGraph } from '../../../test/test-graph.ts'
import { GraphError } from '../errors.ts'
import { readBatch } from './read-batch.ts'

type Step = { id: string; status: number; headers: Record<string, string>; body: Record<string, unknown> }

test('steps run in the order they ask for, and a failed one fails those that depend on it', async (t) => {
  const graph = await openGraph(t)
  const url = `/users/${graph.ada.id}/onlineMeetings`
  const json = { 'content-type': 'application/json' }
  const answer = await graph.call('POST', '/$batch', {
    body: {
      requests: [
        { id: 'read', method: 'GET', url: `${url}/createOrGet-none`, dependsOn: ['bad'] },
        { id: 'bad', method: 'GET', url: '/nowhere' },
        { id: 'make', method: 'POST', url: `${url.slice(1)}/createOrGet`, headers: json, body: { externalId: 'b' } },
        { id: 'again', method: 'POST', url: `${url}/createOrGet`, headers: json, body: { externalId: 'b' }, dependsOn: ['make'] },
        { id: 'inner', method: 'POST', url: '/$batch', headers: json, body: {} },
        { id: 'gone', method: 'DELETE', url: `${url}/x` },
      ],
    },
  })
  assert.equal(answer.status, 200)
  const steps = Object.fromEntries((answer.body.responses as Step[]).map((step) => [step.id, step]))
  assert.deepEqual(Object.fromEntries(Object.entries(steps).map(([id, { status }]) => [id, status])), {
    read: 424,
    bad: 400,
    make: 201,
    again: 200,
    inner: 400,
    gone: 400,
  })
  assert.equal(steps.again!.body.id, steps.make!.body.id)
  assert.equal((steps.read!.body.error as { code: string }).code, 'FailedDependency')
})

test('a batch of a wrong form is refused as a whole', async (t) => {
  const graph = await openGraph(t)
  const get = (id: string, more = {}) => ({ id, method: 'GET', url: '/users', ...more })
  const wrong: [unknown, RegExp][] = [
    [{}, /requests/],
    [{ requests: [] }, /requests/],
    [{ requests: Array.from({ length: 21 }, (_, index) => get(String(index))) }, /exceeds the maximum value of 20/],
    [{ requests: [get('a'), get('A')] }, /more than once/],
    [{ requests: [get('1', { dependsOn: ['2'] }), get('2', { dependsOn: ['1'] })] }, /circle/],
    [{ requests: [get('1', { dependsOn: ['x'] })] }, /the id of no request/],
    [{ requests: [get('1', { url: 'https://evil.example/v1.0/users' })] }, /relative/],
    [
      { requests: [{ id: '7', method: 'POST', url: '/x', body: {} }] },
      /^Write request with id '7' does not contain a Content-Type header\.$/,
    ],
  ]
  for (const [body, message] of wrong) {
    const answer = await graph.call('POST', '/$batch', { body })
    assert.equal(answer.status, 400)
    assert.match(errorOf(answer).message, message)
  }
})

test('any JSON is read or refused', () => {
  const step = fc.record(
    {
      id: fc.jsonValue(),
      method: fc.constantFrom('GET', 'POST', 1),
      url: fc.jsonValue(),
      headers: fc.jsonValue(),
      dependsOn: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ requests: fc.array(step) })), (body) => {
      try {
        readBatch(body)
      } catch (error) {
        assert.ok(error instanceof GraphError)
      }
    }),
  )
})
