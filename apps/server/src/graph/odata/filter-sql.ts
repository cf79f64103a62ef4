import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { parseInstant } from '../../common/instant.ts'
import type { Comparison, Filter } from './filter.ts'
import { invalidFilter } from './filter-error.ts'
import type { Literal } from './filter-tokens.ts'

/** What a property is in the database. Text is compared without case, as Graph does. */
interface FilterColumn {
  column: string
  kind: 'text' | 'instant' | 'boolean'
}

/** By property name in lower case. */
export type FilterColumns = Readonly<Record<string, FilterColumn>>

const operators: Record<Comparison, string> = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' }

/** A filter as a condition; values are always parameters. Throws GraphError for a property or a type that does not fit. */
export function filterSql(filter: Filter, columns: FilterColumns): RawBuilder<SqlBool> {
  switch (filter.kind) {
    case 'and':
      return sql`(${filterSql(filter.left, columns)} and ${filterSql(filter.right, columns)})`
    case 'or':
      return sql`(${filterSql(filter.left, columns)} or ${filterSql(filter.right, columns)})`
    case 'not':
      // Comparing with nothing is false in OData and unknown in SQL.
      return sql`(not coalesce(${filterSql(filter.operand, columns)}, false))`
    case 'call': {
      const { column, kind } = find(filter.path, columns)
      if (kind !== 'text') throw invalidFilter(`The function '${filter.name}' takes a property that is text.`)
      const text = filter.value.replace(/[\\%_]/g, '\\$&')
      const pattern = { contains: `%${text}%`, startswith: `${text}%`, endswith: `%${text}` }[filter.name]
      return sql`(lower(${sql.ref(column)}) like lower(${pattern}) escape '\\')`
    }
    case 'compare':
      return compare(find(filter.path, columns), filter.operator, filter.literal, filter.path)
  }
}

function find(path: string, columns: FilterColumns): FilterColumn {
  const column = Object.hasOwn(columns, path.toLowerCase()) ? columns[path.toLowerCase()] : undefined
  if (column === undefined) throw invalidFilter(`The property '${path.slice(0, 80)}' cannot be filtered by.`)
  return column
}

function compare({ column, kind }: FilterColumn, operator: Comparison, literal: Literal, path: string): RawBuilder<SqlBool> {
  const reference = sql.ref(column)
  if (literal.type === 'null') {
    if (operator === 'eq') return sql`(${reference} is null)`
    if (operator === 'ne') return sql`(${reference} is not null)`
    throw invalidFilter(`'${operator}' does not take null.`)
  }
  const value = toValue(kind, literal, path)
  const [left, right] = kind === 'text' ? [sql`lower(${reference})`, sql`lower(${value})`] : [reference, sql`${value}`]
  const condition = sql<SqlBool>`(${left} ${sql.raw(operators[operator])} ${right})`
  return operator === 'ne' ? sql`(${condition} or ${reference} is null)` : condition
}

function toValue(kind: FilterColumn['kind'], literal: Literal, path: string): string | number {
  if (kind === 'text' && (literal.type === 'string' || literal.type === 'guid')) return literal.value
  if (kind === 'boolean' && literal.type === 'boolean') return literal.value ? 1 : 0
  if (kind === 'instant' && literal.type === 'dateTime') return literal.value
  if (kind === 'instant' && literal.type === 'string') {
    const instant = parseInstant(literal.value)
    if (instant !== undefined) return instant
  }
  throw invalidFilter(`A value of the type ${literal.type} cannot be compared with '${path.slice(0, 80)}'.`)
}
