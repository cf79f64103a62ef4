import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { openGraph } from '../../../test/test-graph.ts'
import { comparisons, type Filter, functions } from './filter.ts'
import { type FilterColumns, filterSql } from './filter-sql.ts'

const columns: FilterColumns = {
  subject: { column: 'subject', kind: 'text' },
  start: { column: 'start_at', kind: 'instant' },
  on: { column: 'enabled', kind: 'boolean' },
}

type Row = { subject: string | null; start_at: string | null; enabled: number }

const words = fc.constantFrom('', 'a', 'A', 'ab', '%', '_', '\\', "'", 'a%b', 'a_b', 'é')
const instants = fc.constantFrom('2026-01-01T00:00:00.0000000Z', '2027-01-01T00:00:00.0000000Z')
const row: fc.Arbitrary<Row> = fc.record({
  subject: fc.option(words),
  start_at: fc.option(instants),
  enabled: fc.constantFrom(0, 1),
})
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({
      kind: fc.constant('compare' as const),
      path: fc.constantFrom('subject', 'Subject'),
      operator: fc.constantFrom(...comparisons),
      literal: fc.record({ type: fc.constant('string' as const), value: words }),
    }),
    fc.record({
      kind: fc.constant('compare' as const),
      path: fc.constant('start'),
      operator: fc.constantFrom(...comparisons),
      literal: fc.record({ type: fc.constant('dateTime' as const), value: instants }),
    }),
    fc.record({
      kind: fc.constant('compare' as const),
      path: fc.constantFrom('subject', 'start'),
      operator: fc.constantFrom('eq' as const, 'ne' as const),
      literal: fc.constant({ type: 'null' as const, value: null }),
    }),
    fc.record({
      kind: fc.constant('compare' as const),
      path: fc.constant('on'),
      operator: fc.constant('eq' as const),
      literal: fc.record({ type: fc.constant('boolean' as const), value: fc.boolean() }),
    }),
    fc.record({
      kind: fc.constant('call' as const),
      name: fc.constantFrom(...functions),
      path: fc.constant('subject'),
      value: words,
    }),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('filter'), right: tie('filter') }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('filter') }),
  ),
}))

/** SQLite's lower() knows ASCII only. */
const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

function holds(node: Filter, given: Row): boolean {
  if (node.kind === 'compare') return compares(node, given)
  if (node.kind === 'not') return !holds(node.operand, given)
  if (node.kind === 'call') {
    if (given.subject === null) return false
    const [text, part] = [lower(given.subject), lower(node.value)]
    return { contains: text.includes(part), startswith: text.startsWith(part), endswith: text.endsWith(part) }[node.name]
  }
  const [left, right] = [holds(node.left, given), holds(node.right, given)]
  return node.kind === 'and' ? left && right : left || right
}

function compares({ path, operator, literal }: Extract<Filter, { kind: 'compare' }>, given: Row): boolean {
  if (path === 'on') return (given.enabled === 1) === literal.value
  const stored = path === 'start' ? given.start_at : given.subject
  if (literal.type === 'null') return (stored === null) === (operator === 'eq')
  if (stored === null) return operator === 'ne'
  const order = Buffer.compare(Buffer.from(lower(stored)), Buffer.from(lower(String(literal.value))))
  return { eq: order === 0, ne: order !== 0, gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0 }[operator]
}

test('the condition in the database is the filter', async (t) => {
  const { context } = await openGraph(t)
  await fc.assert(
    fc.asyncProperty(filter, row, async (node, given) => {
      const source = sql`(select ${given.subject} as subject, ${given.start_at} as start_at, ${given.enabled} as enabled)`
      const { rows } = await sql<{
        found: number
      }>`select coalesce(${filterSql(node, columns)}, false) as found from ${source}`.execute(context.db)
      assert.equal(rows[0]!.found === 1, holds(node, given))
    }),
    { numRuns: 300 },
  )
})
