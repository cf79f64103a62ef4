import { SettingError } from '../config/settings.ts'
import { DirectoryError } from '../identity/directory-error.ts'
import { MeetingError } from '../meetings/meeting-error.ts'
import { NewerSchemaError } from '../store/database.ts'
import { FolderInUseError } from '../store/sqlite/lock.ts'

/** What the exit status of `parley` says. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notFound: 3, exists: 4 } as const

/** The thing a command names does not exist. */
export class NotFoundError extends Error {
  constructor(what: string, name: string) {
    super(`there is no ${what} ${name}`)
    this.name = 'NotFoundError'
  }
}

/** A value on the command line is not one of those there are. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

type Row = Record<string, unknown>

/** Print a result: JSON when asked, else `name  value` lines, or a table for a list. */
export function print(result: Row | Row[], json: boolean): void {
  if (json) console.log(JSON.stringify(result, null, 2))
  else if (Array.isArray(result)) console.log(table(result))
  else console.log(lines(result))
}

function lines(row: Row): string {
  const width = Math.max(...Object.keys(row).map((name) => name.length))
  return Object.entries(row)
    .map(([name, value]) => `${name.padEnd(width)}  ${shown(value)}`)
    .join('\n')
}

function table(rows: Row[]): string {
  if (rows.length === 0) return '(none)'
  const names = Object.keys(rows[0]!)
  const cells = [names, ...rows.map((row) => names.map((name) => shown(row[name])))]
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The exit status for a problem, or undefined when it is a bug and must show itself whole. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof NotFoundError) return exitCodes.notFound
  if (error instanceof SettingError || error instanceof UsageError) return exitCodes.usage
  if (error instanceof DirectoryError) return error.reason === 'exists' ? exitCodes.exists : exitCodes.usage
  if (error instanceof MeetingError) return error.reason === 'missing' ? exitCodes.notFound : exitCodes.usage
  if (error instanceof FolderInUseError || error instanceof NewerSchemaError) return exitCodes.failed
  return undefined
}
