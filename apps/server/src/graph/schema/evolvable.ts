import type { TSchema } from 'typebox'

interface Node {
  anyOf?: Node[]
  type?: string
  enum?: string[]
  properties?: Record<string, Node>
  items?: Node
}

type Rewrite = (value: unknown) => unknown

const known = new WeakMap<object, Rewrite | null>()

/**
 * An answer for a client that did not ask for `include-unknown-enum-members`: members listed after `unknownFutureValue`
 * are written as `unknownFutureValue` (contract C.6). The rest is passed through untouched.
 */
export function hideUnknownMembers(schema: TSchema, value: Record<string, unknown>): Record<string, unknown> {
  const rewrite = rewriterOf(schema as unknown as Node)
  return rewrite === null ? value : (rewrite(value) as Record<string, unknown>)
}

function rewriterOf(node: Node): Rewrite | null {
  const cached = known.get(node)
  if (cached !== undefined) return cached
  const built = build(node)
  known.set(node, built)
  return built
}

function build(node: Node): Rewrite | null {
  const inner = node.anyOf?.find(({ type }) => type !== 'null') ?? node
  if (inner.enum !== undefined) return forEnum(inner.enum)
  if (inner.items !== undefined) {
    const item = rewriterOf(inner.items)
    return item === null ? null : (value) => (Array.isArray(value) ? value.map(item) : value)
  }
  const members = Object.entries(inner.properties ?? {}).flatMap(([name, member]) => {
    const rewrite = rewriterOf(member)
    return rewrite === null ? [] : [[name, rewrite] as const]
  })
  return members.length === 0 ? null : (value) => rewriteMembers(value, members)
}

function forEnum(values: readonly string[]): Rewrite | null {
  const sentinel = values.indexOf('unknownFutureValue')
  const hidden = sentinel < 0 ? [] : values.slice(sentinel + 1)
  return hidden.length === 0 ? null : (value) => (hidden.includes(value as string) ? 'unknownFutureValue' : value)
}

function rewriteMembers(value: unknown, members: readonly (readonly [string, Rewrite])[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  const result: Record<string, unknown> = { ...value }
  for (const [name, rewrite] of members) if (name in result) result[name] = rewrite(result[name])
  return result
}
