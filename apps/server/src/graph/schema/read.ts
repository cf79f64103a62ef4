import type { Static, TSchema } from 'typebox'
import { parseInstant } from '../../common/instant.ts'
import { invalidMember } from '../errors.ts'

/** The parts of a JSON Schema this reader uses; the schemas are made in types.ts. */
interface Node {
  type?: string
  anyOf?: Node[]
  enum?: string[]
  format?: string
  maxLength?: number
  maxItems?: number
  readOnly?: boolean
  properties?: Record<string, Node>
  items?: Node
  'x-edm'?: string
}

/**
 * Read a body by its schema: unknown members and annotations (`@odata.…`) are left out, read-only members are left out,
 * enumeration values get their documented case, dates become canonical. Throws GraphError that names the member.
 */
export function readEntity<T extends TSchema>(schema: T, body: unknown): Static<T> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalidMember('', 'the body must be a JSON object')
  return readObject(schema as unknown as Node, body as Record<string, unknown>, '') as Static<T>
}

function readObject(node: Node, value: Record<string, unknown>, path: string): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(node.properties ?? {})) {
    if (!Object.hasOwn(value, name) || inner(member).readOnly === true) continue
    result[name] = readValue(member, value[name], path === '' ? name : `${path}.${name}`)
  }
  return result
}

function readValue(node: Node, value: unknown, path: string): unknown {
  if (value === null) {
    if (node.anyOf?.some(({ type }) => type === 'null')) return null
    throw invalidMember(path, 'must not be null')
  }
  const schema = inner(node)
  if (schema.enum !== undefined) return readEnum(schema.enum, value, path)
  switch (schema.type) {
    case 'string':
      return readText(schema, value, path)
    case 'boolean':
      if (typeof value !== 'boolean') throw invalidMember(path, `expected true or false, not ${kindOf(value)}`)
      return value
    case 'integer':
      if (!Number.isInteger(value)) throw invalidMember(path, `expected a whole number, not ${kindOf(value)}`)
      return value
    case 'array':
      return readArray(schema, value, path)
    case 'object':
      if (typeof value !== 'object' || Array.isArray(value)) throw invalidMember(path, `expected an object, not ${kindOf(value)}`)
      return readObject(schema, value as Record<string, unknown>, path)
    default:
      throw new Error(`the schema of ${path} has a type this reader does not know`)
  }
}

function inner(node: Node): Node {
  return node.anyOf?.find(({ type }) => type !== 'null') ?? node
}

function readEnum(values: string[], value: unknown, path: string): string {
  const known = typeof value === 'string' ? values.find((each) => each.toLowerCase() === value.toLowerCase()) : undefined
  if (known === undefined || known === 'unknownFutureValue') {
    const choice = values.filter((each) => each !== 'unknownFutureValue').join(', ')
    throw invalidMember(path, `expected one of ${choice}`)
  }
  return known
}

function readText(schema: Node, value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalidMember(path, `expected text, not ${kindOf(value)}`)
  if (schema.format === 'date-time') {
    const instant = parseInstant(value)
    if (instant === undefined) throw invalidMember(path, 'expected a date and time as in RFC 3339, like 2026-11-23T10:00:00Z')
    return instant
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength)
    throw invalidMember(path, `is longer than ${schema.maxLength} characters`)
  return value
}

function readArray(schema: Node, value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw invalidMember(path, `expected an array, not ${kindOf(value)}`)
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    throw invalidMember(path, `has more than ${schema.maxItems} items`)
  return value.map((item, index) => {
    if (item === null) throw invalidMember(`${path}[${index}]`, 'must not be null')
    return readValue(schema.items ?? {}, item, `${path}[${index}]`)
  })
}

function kindOf(value: unknown): string {
  return Array.isArray(value)
    ? 'an array'
    : value === null
      ? 'null'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`
}
