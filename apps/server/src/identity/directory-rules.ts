import { randomUUID } from 'node:crypto'
import { isGuid } from '../common/guid.ts'
import { DirectoryError } from './directory-error.ts'

/** The id asked for, in lower case, or a new one. Throws DirectoryError for what is no GUID. */
export function checkedId(id: string | undefined): string {
  if (id === undefined) return randomUUID()
  if (!isGuid(id)) throw new DirectoryError('invalid', 'id', `"${id}" is not a GUID`)
  return id.toLowerCase()
}

/** A display name without the space around it: 1 to 256 characters. Throws DirectoryError. */
export function checkedName(name: string): string {
  const trimmed = name.trim()
  if (trimmed === '' || trimmed.length > 256)
    throw new DirectoryError('invalid', 'displayName', 'a display name has 1 to 256 characters')
  return trimmed
}

/** What an insert that gives way to an existing row returned. Throws DirectoryError when there was one. */
export function inserted<Row>(row: Row | undefined, taken: string): Row {
  if (row === undefined) throw new DirectoryError('exists', 'id', taken)
  return row
}
