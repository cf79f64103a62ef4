import { banner } from './banner.ts'
import { decide } from './config/config.ts'
import { SettingError } from './config/settings.ts'
import { serve } from './serve.ts'
import { NewerSchemaError } from './store/database.ts'
import { FolderInUseError } from './store/sqlite/lock.ts'

/** Run the server until a signal ends it. Problems with settings or the data folder end it with one clear line and status 1. */
export async function main(environment: Record<string, string | undefined>): Promise<void> {
  try {
    const server = await serve(decide(environment))
    let closing = false
    const stop = () => {
      if (closing) return
      closing = true
      server.close().then(
        () => process.exit(0),
        (error) => {
          console.error(error)
          process.exit(1)
        },
      )
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
    // Last: who reads the ready line may send a signal at once.
    console.log(banner(server))
  } catch (error) {
    if (!(error instanceof SettingError || error instanceof FolderInUseError || error instanceof NewerSchemaError)) throw error
    console.error(`parley: ${error.message}`)
    process.exitCode = 1
  }
}

if (import.meta.main) await main(process.env)
