import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GraphError } from './errors.ts'
import { parsePath } from './odata/path.ts'
import { parseQueryOptions } from './odata/query-options.ts'
import type { Method, Operation } from './operation.ts'
import { Router } from './router.ts'

const operation = (method: Method, path: string, versions: Operation['versions'] = ['beta']): Operation => ({
  versions,
  method,
  path,
  permissions: { application: [], delegated: [] },
  queryOptions: [],
  summary: path,
  handle: async () => ({ status: 200 }),
})

const router = new Router([
  operation('POST', '/app/things'),
  operation('GET', '/app/things/{id}'),
  operation('PATCH', '/app/things/{id}'),
  operation('POST', '/app/things/makeOne'),
  operation('GET', '/users/{user}/things/{id}', ['beta', 'v1.0']),
])

const status = (version: 'beta' | 'v1.0', method: string, path: string) => {
  try {
    return router.match(version, method, parsePath(path)).operation.summary
  } catch (error) {
    return (error as GraphError).status
  }
}

test('literals match without case and win over keys', () => {
  assert.equal(status('beta', 'POST', '/APP/Things'), '/app/things')
  assert.equal(status('beta', 'POST', '/app/things/MAKEONE'), '/app/things/makeOne')
  assert.equal(status('beta', 'GET', '/app/things/other'), '/app/things/{id}')
  assert.deepEqual(router.match('v1.0', 'GET', parsePath("/users('a''b')/things('c%2Fd')/")).keys, { user: "a'b", id: 'c/d' })
})

test('another method is 405 with Allow, an unknown segment 400 by name, another version unknown', () => {
  assert.throws(
    () => router.match('beta', 'DELETE', ['app', 'things', 'x']),
    (error) => error instanceof GraphError && error.status === 405 && error.headers.Allow === 'GET, PATCH',
  )
  assert.throws(() => router.match('beta', 'GET', ['app', 'other', 'x']), /segment 'other'/)
  assert.throws(() => router.match('v1.0', 'GET', ['app', 'things']), /segment 'app'/)
})

test('paths and queries of any kind are read or refused with a 400', () => {
  const refuses = (read: () => unknown) => {
    try {
      read()
    } catch (error) {
      assert.ok(error instanceof GraphError && error.status === 400)
    }
  }
  fc.assert(fc.property(fc.string(), (text) => refuses(() => parsePath(text))))
  fc.assert(fc.property(fc.webQueryParameters(), (text) => refuses(() => parseQueryOptions(text))))
  fc.assert(fc.property(fc.string(), (text) => refuses(() => parseQueryOptions(text))))
})

test('a key survives both ways of writing it', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((key) => key.isWellFormed() && !key.includes('\0')),
      (key) => {
        const quoted = encodeURIComponent(key.replaceAll("'", "''"))
        assert.deepEqual(parsePath(`/things('${quoted}')`), ['things', key])
      },
    ),
  )
})
