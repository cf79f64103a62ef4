import { JsonError, parseStrictJson } from '../common/strict-json.ts'
import { GraphError } from './errors.ts'
import type { GraphRequest } from './operation.ts'

/** The JSON body of a write. Throws GraphError: 400 without Content-Type or for bad JSON, 415 for another type. */
export function readBody(request: GraphRequest): unknown {
  const type = request.headers['content-type']
  if (type === undefined || type.trim() === '') throw new GraphError('contentTypeMissing')
  if (!/^\s*application\/json\s*(;|$)/i.test(type)) throw new GraphError('unsupportedMediaType')
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw new GraphError('unsupportedMediaType', {
      message: `The request body must be encoded in UTF-8, not ${charset.slice(0, 40)}.`,
    })
  try {
    return parseStrictJson(request.body ?? new Uint8Array())
  } catch (error) {
    if (error instanceof JsonError)
      throw new GraphError('malformedBody', { message: `Unable to read JSON request payload. ${error.message}` })
    throw error
  }
}
