import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Files of ours that were made readable for everybody by earlier versions: the database holds hashes, chats and numbers. */
const ownFile = /^(?:parley\.db|server\.lock)(?:-(?:wal|shm|journal))?$/

/**
 * Keep a data folder to the user the server runs as, whatever it was made with: 0700 for it, 0600 for the database, and
 * nothing that this process makes later is for others. Returns what was changed or could not be, a line each, for the log.
 */
export function keepPrivate(folder: string): string[] {
  process.umask(0o077)
  const files = readdirSync(folder).filter((name) => ownFile.test(name))
  return [mend(folder, 0o700), ...files.map((name) => mend(join(folder, name), 0o600))].filter((line) => line !== undefined)
}

function mend(path: string, wanted: number): string | undefined {
  const mode = statSync(path).mode & 0o777
  if ((mode & ~wanted) === 0) return undefined
  const was = `0${mode.toString(8)}`
  try {
    chmodSync(path, wanted)
    return `${path} could be read by others (${was}): it is 0${wanted.toString(8)} now`
  } catch {
    return `${path} can be read by others (${was}), and this user may not change that`
  }
}
