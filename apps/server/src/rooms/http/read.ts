import { JsonError, parseStrictJson } from '../../common/strict-json.ts'
import { DoorError } from '../admission/door-error.ts'

export type Body = Record<string, unknown>

/** The JSON object of a body; an empty body is an empty object. Throws DoorError InvalidArgument. */
export function readObject(body: unknown): Body {
  if (!(body instanceof Uint8Array) || body.length === 0) return {}
  try {
    const value = parseStrictJson(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new DoorError('InvalidArgument', { message: error.message })
  }
  throw new DoorError('InvalidArgument', { message: 'The body must be a JSON object.' })
}

/** A refusal that names the member at fault. */
export function invalid(target: string, problem: string): DoorError {
  return new DoorError('InvalidArgument', { message: `"${target}" ${problem}.`, target })
}

/** Text of a member; undefined when it is absent or null. */
export function optionalText(body: Body, name: string, longest: number): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw invalid(name, 'must be text')
  if (value.length > longest) throw invalid(name, `must have at most ${longest} characters`)
  return value
}

export function text(body: Body, name: string, longest: number): string {
  const value = optionalText(body, name, longest)
  if (value === undefined || value.trim() === '') throw invalid(name, 'is required')
  return value
}

export function optionalFlag(body: Body, name: string): boolean | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw invalid(name, 'must be true or false')
  return value
}

export function optionalObject(body: Body, name: string): Body | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(name, 'must be an object')
  return value as Body
}
