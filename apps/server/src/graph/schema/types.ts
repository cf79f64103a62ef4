import Type, { type Static, type TProperties, type TSchema } from 'typebox'

/**
 * The definitions behind everything: what validates a body, the OpenAPI document and (later) $metadata all read them.
 * They are JSON Schema; what JSON Schema cannot say is in members that begin with `x-`.
 */

/** Limits that hold wherever the contract names none. */
const maxTextLength = 1024
const maxItems = 10_000

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Edm.String. */
export function text(options: { maxLength?: number; readOnly?: boolean; description?: string } = {}) {
  return nullable(Type.String({ maxLength: maxTextLength, ...options, 'x-edm': 'Edm.String' }))
}

/** Edm.Boolean. */
export function bool(options: { readOnly?: boolean; description?: string } = {}) {
  return nullable(Type.Boolean({ ...options, 'x-edm': 'Edm.Boolean' }))
}

/** Edm.Int32. */
export function integer(options: { readOnly?: boolean; description?: string } = {}) {
  return nullable(Type.Integer({ ...options, 'x-edm': 'Edm.Int32' }))
}

/** Edm.DateTimeOffset: any RFC 3339 offset in, UTC out. */
export function dateTime(options: { readOnly?: boolean; description?: string } = {}) {
  return nullable(Type.String({ format: 'date-time', ...options, 'x-edm': 'Edm.DateTimeOffset' }))
}

/** An enumeration; matched without case, answered in the documented case. */
export function enumeration<const T extends string[]>(
  name: string,
  values: readonly [...T],
  options: { readOnly?: boolean; description?: string } = {},
) {
  return nullable(Type.Enum([...values] as [...T], { ...options, 'x-edm': `graph.${name}` }))
}

/** A complex or entity type, by Graph's name. Unknown members are tolerated: Graph's types are open. */
export function complex<T extends TProperties>(
  name: string,
  properties: T,
  options: { readOnly?: boolean; description?: string } = {},
) {
  return nullable(Type.Partial(Type.Object(properties), { ...options, 'x-edm': `graph.${name}` }))
}

/** A collection, never null in an answer. */
export function collection<T extends TSchema>(items: T, options: { readOnly?: boolean; description?: string } = {}) {
  return nullable(Type.Array(items, { maxItems, ...options, 'x-edm': 'Collection' }))
}

/** An entity (or an action's parameters): what a request body as a whole is. */
export function entity<T extends TProperties>(name: string, properties: T, kind: 'entity' | 'parameters' = 'entity') {
  return Type.Partial(Type.Object(properties), { 'x-edm': `graph.${name}`, 'x-edm-kind': kind })
}

export type { Static, TSchema }
