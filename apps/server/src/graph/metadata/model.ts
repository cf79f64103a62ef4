import type { TSchema } from 'typebox'
import type { GraphVersion, Operation } from '../operation.ts'

interface Property {
  name: string
  /** As CSDL writes it, e.g. `Collection(graph.identitySet)`. */
  type: string
}

export interface StructuredType {
  name: string
  kind: 'entity' | 'complex' | 'parameters'
  properties: Property[]
}

export interface EnumType {
  name: string
  members: string[]
}

export interface Model {
  types: Map<string, StructuredType>
  enums: Map<string, EnumType>
}

interface Node {
  type?: string
  anyOf?: Node[]
  enum?: string[]
  properties?: Record<string, Node>
  items?: Node
  'x-edm'?: string
  'x-edm-kind'?: 'entity' | 'parameters'
}

/** Every type the operations of a version read or write, from the schemas that validate. */
export function modelOf(operations: readonly Operation[], version: GraphVersion): Model {
  const model: Model = { types: new Map(), enums: new Map() }
  // Where 2018 and today differ over a member, today's type stands; both are open, so neither is lost.
  const served = operations.filter(({ versions }) => versions.includes(version))
  const today = served.filter(({ versions }) => versions.length > 1)
  for (const { requestBody, answer } of [...today, ...served.filter((operation) => !today.includes(operation))])
    for (const schema of [requestBody, answer?.schema]) if (schema !== undefined) typeOf(asNode(schema), model)
  return model
}

const asNode = (schema: TSchema) => schema as unknown as Node

/** The CSDL name of a schema's type, collecting what it is made of. */
function typeOf(node: Node, model: Model): string {
  const inner = node.anyOf?.find(({ type }) => type !== 'null') ?? node
  const edm = inner['x-edm']
  if (edm === 'Collection') return `Collection(${typeOf(inner.items ?? {}, model)})`
  if (edm === undefined || edm.startsWith('Edm.')) return edm ?? 'Edm.Untyped'
  const name = edm.replace('graph.', '')
  if (inner.enum !== undefined) {
    if (!model.enums.has(name)) model.enums.set(name, { name, members: inner.enum })
  } else addStructured(name, inner, model)
  return edm
}

function addStructured(name: string, node: Node, model: Model): void {
  const known = model.types.get(name) ?? { name, kind: node['x-edm-kind'] ?? 'complex', properties: [] }
  model.types.set(name, known)
  for (const [member, schema] of Object.entries(node.properties ?? {})) {
    const type = typeOf(schema, model)
    if (!known.properties.some((property) => property.name === member)) known.properties.push({ name: member, type })
  }
}
