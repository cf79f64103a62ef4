import { GraphError } from '../errors.ts'

/** A `$filter` that cannot be read or is not supported (contract B.19). */
export function invalidFilter(detail: string): GraphError {
  return new GraphError('invalidQuery', {
    target: '$filter',
    message: `The query specified in the URI is not valid. ${detail}`,
    inner: { message: detail },
  })
}
