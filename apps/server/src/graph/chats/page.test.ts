import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { instantFromMillis } from '../../common/instant.ts'
import { GraphError } from '../errors.ts'
import { parseQueryOptions } from '../odata/query-options.ts'
import { readPage, writeToken } from './page.ts'

const read = (options: Record<string, string>) => readPage(parseQueryOptions(new URLSearchParams(options).toString()))

test('a page is read from its options', () => {
  assert.deepEqual(read({}), { order: 'modified', limit: 20, newerThan: undefined, olderThan: undefined, cursor: undefined })
  const bounded = read({
    $top: '50',
    $filter: 'createdDateTime gt 2026-01-01T00:00:00Z and CreatedDateTime lt 2026-02-01T00:00:00+01:00',
  })
  assert.deepEqual(
    [bounded.order, bounded.limit, bounded.newerThan, bounded.olderThan],
    [...['created', 50, '2026-01-01T00:00:00.0000000Z', '2026-01-31T23:00:00.0000000Z']],
  )
  const narrowest = read({
    $filter: 'lastModifiedDateTime gt 2026-01-01T00:00:00Z and lastModifiedDateTime gt 2026-03-01T00:00:00Z',
  })
  assert.equal(narrowest.newerThan, '2026-03-01T00:00:00.0000000Z')
})

test('a token leads back to its place, in its own order only', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
      fc.constantFrom('created' as const, 'modified' as const),
      (millis, order) => {
        const place = { at: instantFromMillis(millis), id: String(millis) }
        const $orderby = order === 'created' ? 'createdDateTime desc' : 'lastModifiedDateTime desc'
        const token = writeToken(order, place)
        assert.deepEqual(read({ $orderby, $skiptoken: token }).cursor, place)
        const other = order === 'created' ? 'lastModifiedDateTime desc' : 'createdDateTime desc'
        assert.throws(() => read({ $orderby: other, $skiptoken: token }), GraphError)
      },
    ),
  )
})

test('whatever the options say, the answer is a page or a 400', () => {
  const words = fc.constantFrom(
    'createdDateTime',
    'lastModifiedDateTime',
    ' gt ',
    ' lt ',
    ' eq ',
    ' and ',
    ' or ',
    'not ',
    '2026-01-01T00:00:00Z',
    "'x'",
    '5',
    '(',
    ')',
    'desc',
    'asc',
    ' ',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 8 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(fc.constantFrom('$filter', '$orderby', '$top', '$skiptoken'), text, (name, value) => {
      try {
        const page = readPage({ system: new Map([[name, value]]), custom: new Map() })
        assert.ok(page.limit >= 1 && page.limit <= 50)
      } catch (error) {
        assert.ok(error instanceof GraphError && error.status === 400, String(error))
      }
    }),
    { numRuns: 1000 },
  )
})
