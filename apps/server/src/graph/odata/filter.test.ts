import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GraphError } from '../errors.ts'
import { comparisons, type Filter, functions, parseFilter } from './filter.ts'
import type { Literal } from './filter-tokens.ts'

const path = fc.constantFrom('subject', 'joinMeetingIdSettings/joinMeetingId', 'JoinWebUrl', 'mail', 'a_1')
const text = fc.string({ maxLength: 30, unit: 'grapheme' }).filter((value) => !value.includes('\0'))
const literal: fc.Arbitrary<Literal> = fc.oneof(
  text.map((value) => ({ type: 'string' as const, value })),
  fc.uuid().map((value) => ({ type: 'guid' as const, value })),
  fc
    .date({ min: new Date('1971-01-01'), max: new Date('2900-01-01'), noInvalidDate: true })
    .map((date) => ({ type: 'dateTime' as const, value: `${date.toISOString().slice(0, -1)}0000Z` })),
  fc.integer().map((value) => ({ type: 'number' as const, value })),
  fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
  fc.constant({ type: 'null' as const, value: null }),
)
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ kind: fc.constant('compare' as const), path, operator: fc.constantFrom(...comparisons), literal }),
    fc.record({ kind: fc.constant('call' as const), name: fc.constantFrom(...functions), path, value: text }),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('filter'), right: tie('filter') }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('filter') }),
  ),
}))

function print(node: Filter): string {
  if (node.kind === 'compare') return `${node.path} ${node.operator} ${printLiteral(node.literal)}`
  if (node.kind === 'call') return `${node.name}(${node.path},${quote(node.value)})`
  if (node.kind === 'not') return `not (${print(node.operand)})`
  return `(${print(node.left)}) ${node.kind} (${print(node.right)})`
}

const quote = (value: string) => `'${value.replaceAll("'", "''")}'`
const printLiteral = ({ type, value }: Literal) => (type === 'string' ? quote(value) : String(value))

test('whatever is printed is read back as it was', () => {
  fc.assert(fc.property(filter, (node) => assert.deepEqual(parseFilter(print(node)), structuredClone(node))))
})

test('any text is read or refused in the protocol form', () => {
  const near = fc
    .array(fc.constantFrom("'", '(', ')', ' eq ', ' and ', ' or ', 'not ', 'subject', ',', '1', "'x'", '\\', '--', ';'))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (source) => {
      try {
        parseFilter(source)
      } catch (error) {
        assert.ok(error instanceof GraphError)
        assert.equal(error.status, 400)
      }
    }),
    { numRuns: 500 },
  )
})

test('and binds closer than or; an offset whose plus became a space is read', () => {
  const parsed = parseFilter("subject eq 'a' or subject eq 'b' and startDateTime gt 2026-01-01T00:00:00 02:00")
  assert.equal(parsed.kind, 'or')
  assert.equal(parsed.kind === 'or' && parsed.right.kind, 'and')
  const right = parsed.kind === 'or' && parsed.right.kind === 'and' ? parsed.right.right : undefined
  assert.deepEqual(right?.kind === 'compare' && right.literal, { type: 'dateTime', value: '2025-12-31T22:00:00.0000000Z' })
})

test('too deep, too long and too many are refused', () => {
  for (const source of [
    `${'('.repeat(60)}a eq 1${')'.repeat(60)}`,
    `${'not '.repeat(60)}a eq 1`,
    `subject eq '${'x'.repeat(9000)}'`,
    Array(101).fill('a eq 1').join(' or '),
  ])
    assert.throws(() => parseFilter(source), GraphError)
})
