import { existsSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { decide } from '../config/config.ts'
import { settings } from '../config/settings.ts'
import { signingKeysPath } from '../context.ts'
import { graphResources } from '../identity/access-tokens.ts'
import { type DevFile, devFilePath } from '../identity/demo.ts'
import { SigningKeys } from '../identity/signing-keys.ts'
import { applicationOf, configOf, withContext } from './open.ts'
import { NotFoundError, print } from './output.ts'
import { options } from './program.ts'

/** `parley serve|config|token|keys`. */
export function serverCommands(program: Command): void {
  program
    .command('serve')
    .description('run the server (what npm start does)')
    .action(async (_given, command: Command) => {
      const { main } = await import('../main.ts')
      const { data } = options(command)
      await main(data === undefined ? process.env : { ...process.env, PARLEY_DATA: data })
    })
  program
    .command('config')
    .description('print what was decided from the environment')
    .addHelpText('after', () => `\nSettings:\n${settingsHelp()}`)
    .action((_given, command: Command) => {
      const { data, json } = options(command)
      const config = decide(data === undefined ? process.env : { ...process.env, PARLEY_DATA: data })
      const media = {
        ...config.media,
        iceServers: config.media.iceServers.flatMap(({ urls }) => urls),
        external: config.media.external === null ? null : { ...config.media.external, secret: '***' },
      }
      const sip = config.sip && { ...config.sip, trunks: config.sip.trunks.map(({ name, kind }) => ({ name, kind })) }
      const signInIssuers = config.signInIssuers.map((issuer) => ({ ...issuer, clientSecret: '***' }))
      print({ ...config, media, sip, signInIssuers }, json === true)
    })
  program
    .command('token')
    .description('print a bearer token for an application')
    .option('--app <id>', "object id or client id; the demo's application when left out")
    .action(async (given: { app?: string }, command: Command) =>
      withContext(options(command), async (context) => {
        const application = await applicationOf(context, given.app ?? demoClientId(options(command)))
        const token = await context.accessTokens.issueForApp(
          {
            tenantId: application.tenantId,
            clientId: application.clientId,
            servicePrincipalId: application.servicePrincipalId,
            displayName: application.displayName,
            roles: application.roles,
          },
          graphResources[0],
          '1',
        )
        if (options(command).json === true) print({ access_token: token }, true)
        else console.log(token)
      }),
    )
  const keys = program.command('keys').description('keys that sign tokens')
  keys
    .command('rotate')
    .description('sign with a new key from now on; tokens of the old ones stay valid')
    .action(async (_given, command: Command) => {
      const kid = await SigningKeys.rotate(signingKeysPath(configOf(options(command))))
      print({ kid }, options(command).json === true)
    })
}

function demoClientId(given: { data?: string }): string {
  const path = devFilePath(configOf(given))
  if (!existsSync(path)) throw new NotFoundError('demo application:', 'name one with --app')
  return (JSON.parse(readFileSync(path, 'utf8')) as DevFile).clientId
}

function settingsHelp(): string {
  return Object.entries(settings)
    .map(([name, { about, default: fallback }]) => `  ${name.padEnd(32)} ${about} (default: ${fallback})`)
    .join('\n')
}
