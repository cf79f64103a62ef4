import type { TSchema } from 'typebox'

type Json = Record<string, unknown>

/** Collects named types so that each is written once, and turns our schemas into references to them. */
export class Components {
  readonly schemas: Record<string, Json> = {}
  readonly #texts = new Map<string, string>()

  /** The JSON Schema of one of our definitions. `variant` tells types of one name apart where their members differ. */
  convert(schema: TSchema, variant = ''): Json {
    return this.#node(schema as unknown as Json, variant)
  }

  #node(node: Json, variant: string): Json {
    const edm = node['x-edm']
    const { readOnly, 'x-edm': _name, 'x-edm-kind': _kind, ...rest } = node
    const plain = this.#members(rest, variant)
    const marks = readOnly === true ? { readOnly: true } : {}
    if (typeof edm !== 'string' || !edm.startsWith('graph.')) return { ...plain, ...marks }
    return { $ref: `#/components/schemas/${this.#name(`microsoft.${edm}`, plain, variant)}`, ...marks }
  }

  #members(node: Json, variant: string): Json {
    const result: Json = {}
    for (const [name, value] of Object.entries(node)) {
      if (name === 'anyOf') result[name] = (value as Json[]).map((each) => this.#node(each, variant))
      else if (name === 'items') result[name] = this.#node(value as Json, variant)
      else if (name === 'properties')
        result[name] = Object.fromEntries(
          Object.entries(value as Record<string, Json>).map(([key, each]) => [key, this.#node(each, variant)]),
        )
      else result[name] = value
    }
    if (result.enum !== undefined) result.type = 'string'
    return result
  }

  #name(wanted: string, schema: Json, variant: string): string {
    const text = JSON.stringify(schema)
    const taken = this.#texts.get(wanted)
    if (taken !== undefined && taken !== text) return this.#name(`${wanted}${variant === '' ? '_' : variant}`, schema, variant)
    this.#texts.set(wanted, text)
    this.schemas[wanted] = schema
    return wanted
  }
}
