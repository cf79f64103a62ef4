import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The folder is in use by another running server. */
export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(`another Parley is already running on the data folder ${folder}`)
    this.name = 'FolderInUseError'
  }
}

/**
 * Hold a folder for this process. The lock is SQLite's on a file of its own, so the operating system gives it back
 * when the process dies, however it dies. Throws FolderInUseError.
 */
export function lockFolder(folder: string): { release(): void } {
  const database = new DatabaseSync(join(folder, 'server.lock'), { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === 5) throw new FolderInUseError(folder)
    throw error
  }
  return {
    release() {
      if (database.isOpen) database.close()
    },
  }
}
