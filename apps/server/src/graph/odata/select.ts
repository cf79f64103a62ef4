import { GraphError } from '../errors.ts'

/** Names in a `$select`, matched without case to the properties there are. Throws GraphError for an unknown one. */
export function parseSelect(
  select: string | undefined,
  properties: readonly string[],
  type = 'onlineMeeting',
): string[] | undefined {
  if (select === undefined) return undefined
  const names = select.split(',').map((name) => name.trim())
  if (names.includes('*')) return undefined
  return names.map((name) => {
    const known = properties.find((property) => property.toLowerCase() === name.toLowerCase())
    if (known !== undefined) return known
    const detail = `Could not find a property named '${name.slice(0, 80)}' on type 'microsoft.graph.${type}'.`
    throw new GraphError('invalidQuery', {
      message: `The query specified in the URI is not valid. ${detail}`,
      target: '$select',
      inner: { message: detail },
    })
  })
}

/** An entity with only the selected properties, in the entity's order. */
export function applySelect(entity: Record<string, unknown>, selected: readonly string[] | undefined): Record<string, unknown> {
  if (selected === undefined) return entity
  return Object.fromEntries(Object.entries(entity).filter(([name]) => selected.includes(name)))
}
