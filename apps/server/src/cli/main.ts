#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { applicationCommands, tenantCommands, userCommands } from './directory-commands.ts'
import { meetingCommands } from './meeting-commands.ts'
import { exitCodeOf, exitCodes } from './output.ts'
import { policyCommands } from './policy-commands.ts'
import { serverCommands } from './server-commands.ts'

/** The whole `parley` command. */
export function buildProgram(): Command {
  const program = new Command('parley')
    .description(
      "Online meetings as an API, on your own server. Microsoft Graph's onlineMeetings with real meetings behind the links.",
    )
    .option('--data <folder>', 'data folder (default: PARLEY_DATA, else ./data)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status: 0 done, 1 failed, 2 wrong usage or value, 3 not found, 4 exists already.')
    .exitOverride()
  serverCommands(program)
  tenantCommands(program)
  userCommands(program)
  applicationCommands(program)
  meetingCommands(program)
  policyCommands(program)
  // Commander copies settings only to commands that are made after them, and --json is wanted at the end of a line.
  for (const command of everyCommand(program)) {
    command.exitOverride()
    if (command !== program) command.option('--json', 'print JSON').option('--data <folder>', 'data folder')
  }
  return program
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

async function run(): Promise<void> {
  try {
    await buildProgram().parseAsync(process.argv)
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    else {
      const code = exitCodeOf(error)
      if (code === undefined) throw error
      console.error(`parley: ${(error as Error).message}`)
      process.exitCode = code
    }
  }
}

await run()
