import { GraphError } from './errors.ts'
import type { GraphVersion, Method, Operation } from './operation.ts'

interface Route {
  operation: Operation
  /** Lower-case literal, or undefined for a key. */
  pattern: (string | undefined)[]
  keyNames: string[]
}

export interface Match {
  operation: Operation
  keys: Record<string, string>
}

/** Finds the operation of a path; literals match without case, and win over keys. */
export class Router {
  readonly #routes: Route[]
  /** Routes by version and number of segments, those with more literals first. */
  readonly #byLength = new Map<string, Route[]>()

  constructor(operations: readonly Operation[]) {
    this.#routes = operations.map((operation) => {
      const segments = operation.path.split('/').slice(1)
      const isKey = (segment: string) => segment.startsWith('{')
      return {
        operation,
        pattern: segments.map((segment) => (isKey(segment) ? undefined : segment.toLowerCase())),
        keyNames: segments.filter(isKey).map((segment) => segment.slice(1, -1)),
      }
    })
    for (const route of this.#routes)
      for (const version of route.operation.versions) {
        const key = `${version} ${route.pattern.length}`
        const others = this.#byLength.get(key) ?? []
        this.#byLength.set(
          key,
          [...others, route].sort((a, b) => literals(b.pattern) - literals(a.pattern)),
        )
      }
  }

  /** Throws GraphError: 400 for a path nobody serves (naming the segment), 405 with `Allow` for another method. */
  match(version: GraphVersion, method: string, segments: readonly string[]): Match {
    const lower = segments.map((segment) => segment.toLowerCase())
    const fitting = (this.#byLength.get(`${version} ${lower.length}`) ?? []).filter(({ pattern }) => fits(pattern, lower))
    const best = fitting.filter((route) => literals(route.pattern) === literals(fitting[0]!.pattern))
    if (best.length === 0) throw this.unknown(version, segments)
    const route = best.find(({ operation }) => operation.method === method)
    if (route === undefined) throw notAllowed(best.map(({ operation }) => operation.method))
    const values = segments.filter((_, index) => route.pattern[index] === undefined)
    return { operation: route.operation, keys: Object.fromEntries(route.keyNames.map((name, index) => [name, values[index]!])) }
  }

  /** The refusal of a path nobody serves, naming the first segment that is not known. */
  unknown(version: GraphVersion, segments: readonly string[]): GraphError {
    const lower = segments.map((segment) => segment.toLowerCase())
    const served = this.#routes.filter(({ operation }) => operation.versions.includes(version))
    const known = (count: number) =>
      served.some(({ pattern }) => pattern.length >= count && fits(pattern.slice(0, count), lower.slice(0, count)))
    let count = 1
    while (count < segments.length && known(count)) count += 1
    const segment = (segments[count - 1] ?? '').slice(0, 80)
    return new GraphError('unknownSegment', { message: `Resource not found for the segment '${segment}'.` })
  }
}

function fits(pattern: readonly (string | undefined)[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length && pattern.every((literal, index) => literal === undefined || literal === segments[index])
  )
}

function literals(pattern: readonly (string | undefined)[]): number {
  return pattern.filter((segment) => segment !== undefined).length
}

function notAllowed(methods: readonly Method[]): GraphError {
  return new GraphError('methodNotAllowed', { headers: { Allow: methods.join(', ') } })
}
