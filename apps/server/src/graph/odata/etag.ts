import { GraphError } from '../errors.ts'

/** The ETag of a revision. */
export function etagOf(revision: number): string {
  return `W/"${revision}"`
}

/**
 * The revision an `If-Match` demands; undefined when it demands none (absent, or `*`). Only one ETag can be right, so a
 * list that holds none of ours is a failed precondition. Throws GraphError 412.
 */
export function readIfMatch(header: string | undefined, revision: number): number | undefined {
  if (header === undefined || header.trim() === '' || header.trim() === '*') return undefined
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (tags.includes(`"${revision}"`)) return revision
  throw new GraphError('preconditionFailed', { target: 'If-Match' })
}
