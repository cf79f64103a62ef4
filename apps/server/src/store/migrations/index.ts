import type { Migration } from 'kysely/migration'
import * as core from './0001-core.ts'

/** In order of name. Forward only: a migration is never edited once it has landed. */
export const migrations: Record<string, Migration> = {
  '0001-core': core,
}
