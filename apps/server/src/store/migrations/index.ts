import type { Migration } from 'kysely/migration'
import * as core from './0001-core.ts'
import * as sessions from './0010-sessions.ts'

/** In order of name. Forward only: a migration is never edited once it has landed. */
export const migrations: Record<string, Migration> = {
  '0001-core': core,
  '0010-sessions': sessions,
}
