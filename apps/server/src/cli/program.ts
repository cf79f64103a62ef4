import type { Command } from 'commander'
import type { GlobalOptions } from './open.ts'

/** The options every command has, wherever on the line they were given. */
export function options(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>()
}
