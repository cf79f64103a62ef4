import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { BaseContext } from '../context.ts'
import type { Application, Credential, Tenant, User } from '../identity/directory.ts'
import { DirectoryError } from '../identity/directory-error.ts'
import { applicationPermissions } from '../identity/permissions.ts'
import { newPassword } from '../identity/secret-hash.ts'
import { applicationOf, note, tenantOf, userOf, withContext } from './open.ts'
import { NotFoundError, print, UsageError } from './output.ts'
import { options } from './program.ts'

const tenantView = ({ id, domain, displayName, createdAt }: Tenant) => ({
  id,
  domain,
  displayName,
  createdAt,
})

const userView = (user: User) => ({
  id: user.id,
  upn: user.upn,
  displayName: user.displayName,
  mail: user.mail,
  enabled: user.enabled,
})

const applicationView = (application: Application) => ({
  id: application.id,
  clientId: application.clientId,
  displayName: application.displayName,
  tenantId: application.tenantId,
  roles: application.roles,
  enabled: application.enabled,
})

const credentialView = ({ id, kind, displayName, hint, expiresAt }: Credential) => ({
  id,
  kind,
  displayName,
  hint,
  expiresAt,
})

/** `parley tenant create|list|show|delete`. */
export function tenantCommands(program: Command): void {
  const tenant = program.command('tenant').description('directories: people, applications and meetings that belong together')
  tenant
    .command('create')
    .requiredOption('--domain <domain>', 'domain name, e.g. example.org')
    .requiredOption('--name <name>', 'display name')
    .option('--id <guid>', 'object id to use instead of a new one')
    .action(async (given: { domain: string; name: string; id?: string }, command: Command) =>
      withContext(options(command), async (context) => {
        const created = await context.directory.tenants.create({ ...given, displayName: given.name })
        await note(context, created.id, 'tenant.create', { id: created.id, name: created.domain })
        print(tenantView(created), options(command).json === true)
      }),
    )
  tenant.command('list').action(async (_given, command: Command) =>
    withContext(options(command), async ({ directory }) => {
      print((await directory.tenants.list()).map(tenantView), options(command).json === true)
    }),
  )
  tenant
    .command('show <tenant>')
    .action(async (name: string, _given, command: Command) =>
      withContext(options(command), async (context) =>
        print(tenantView(await tenantOf(context, name)), options(command).json === true),
      ),
    )
  tenant
    .command('delete <tenant>')
    .description('delete a tenant with its people, applications and meetings')
    .action(async (name: string, _given, command: Command) =>
      withContext(options(command), async (context) => {
        const { id, domain } = await tenantOf(context, name)
        await context.directory.tenants.delete(id)
        await note(context, id, 'tenant.delete', { id, name: domain })
        print({ deleted: id }, options(command).json === true)
      }),
    )
}

/** `parley user create|list|show|delete`. */
export function userCommands(program: Command): void {
  const user = program.command('user').description('people of a tenant')
  user
    .command('create')
    .requiredOption('--upn <upn>', 'user principal name, e.g. ada@example.org')
    .requiredOption('--name <name>', 'display name')
    .option('--tenant <tenant>', 'tenant by id or domain; the only one when left out')
    .option('--mail <address>', 'e-mail address; the upn when left out')
    .option('--id <guid>', 'object id to use instead of a new one')
    .option('--password', 'make a password and show it once')
    .option('--admin', 'let this person administer the tenant')
    .action(
      async (
        given: { upn: string; name: string; tenant?: string; mail?: string; id?: string; password?: boolean; admin?: boolean },
        command: Command,
      ) =>
        withContext(options(command), async (context) => {
          const { id: tenantId } = await tenantOf(context, given.tenant)
          const password = given.password === true ? newPassword() : undefined
          const created = await context.directory.users.create({
            tenantId,
            upn: given.upn,
            displayName: given.name,
            ...(given.id === undefined ? {} : { id: given.id }),
            ...(given.mail === undefined ? {} : { mail: given.mail }),
            isAdmin: given.admin === true,
            ...(password === undefined ? {} : { password }),
          })
          await note(context, tenantId, 'user.create', { id: created.id, name: created.upn }, { admin: created.isAdmin })
          print({ ...userView(created), ...(password === undefined ? {} : { password }) }, options(command).json === true)
        }),
    )
  user
    .command('list')
    .option('--tenant <tenant>', 'tenant by id or domain; the only one when left out')
    .action(async (given: { tenant?: string }, command: Command) =>
      withContext(options(command), async (context) => {
        const { id } = await tenantOf(context, given.tenant)
        print((await context.directory.users.list(id)).map(userView), options(command).json === true)
      }),
    )
  user
    .command('password <user>')
    .description('make a new password and show it once; sessions end')
    .action(async (name: string, _given, command: Command) =>
      withContext(options(command), async (context) => {
        const { id, upn, tenantId } = await userOf(context, name)
        const password = newPassword()
        await context.directory.users.setPassword(id, password)
        await context.sessions.endAll(id)
        await note(context, tenantId, 'user.passwordSet', { id, name: upn })
        print({ upn, password }, options(command).json === true)
      }),
    )
  user
    .command('admin <user> <on|off>')
    .description('let a person administer their tenant, or no longer')
    .action(async (name: string, state: string, _given, command: Command) =>
      withContext(options(command), async (context) => {
        if (state !== 'on' && state !== 'off') throw new UsageError('say on or off')
        const { id, upn, tenantId } = await userOf(context, name)
        await context.directory.users.setAdmin(id, state === 'on')
        await note(context, tenantId, 'user.update', { id, name: upn }, { admin: state === 'on' })
        print({ upn, admin: state === 'on' }, options(command).json === true)
      }),
    )
  user
    .command('show <user>')
    .action(async (name: string, _given, command: Command) =>
      withContext(options(command), async (context) =>
        print(userView(await userOf(context, name)), options(command).json === true),
      ),
    )
  user
    .command('delete <user>')
    .description('delete a person with the meetings they organize')
    .action(async (name: string, _given, command: Command) =>
      withContext(options(command), async (context) => {
        const { id, upn, tenantId } = await userOf(context, name)
        await context.directory.users.delete(id)
        await note(context, tenantId, 'user.delete', { id, name: upn })
        print({ deleted: id }, options(command).json === true)
      }),
    )
}

/** `parley app create|list|show|delete|add-secret|add-certificate|grant`. */
export function applicationCommands(program: Command): void {
  const app = program.command('app').description('applications that call the API')
  app
    .command('create')
    .requiredOption('--name <name>', 'display name')
    .option('--tenant <tenant>', 'tenant by id or domain; the only one when left out')
    .option('--role <role...>', `permissions to grant: ${applicationPermissions.join(', ')}`)
    .action(async (given: { name: string; tenant?: string; role?: string[] }, command: Command) =>
      withContext(options(command), async (context) => {
        const { id: tenantId } = await tenantOf(context, given.tenant)
        const created = await context.directory.applications.create({
          tenantId,
          displayName: given.name,
          roles: given.role ?? [],
        })
        await noteApplication(context, 'application.create', created, { roles: given.role ?? [] })
        print(applicationView(created), options(command).json === true)
      }),
    )
  app
    .command('list')
    .option('--tenant <tenant>', 'tenant by id or domain; the only one when left out')
    .action(async (given: { tenant?: string }, command: Command) =>
      withContext(options(command), async (context) => {
        const { id } = await tenantOf(context, given.tenant)
        print((await context.directory.applications.list(id)).map(applicationView), options(command).json === true)
      }),
    )
  app.command('show <app>').action(async (name: string, _given, command: Command) =>
    withContext(options(command), async (context) => {
      const application = await applicationOf(context, name)
      const credentials = (await context.directory.credentials.of(application.id)).map(credentialView)
      print({ ...applicationView(application), credentials }, options(command).json === true)
    }),
  )
  app.command('delete <app>').action(async (name: string, _given, command: Command) =>
    withContext(options(command), async (context) => {
      const application = await applicationOf(context, name)
      const { id } = application
      await context.directory.applications.delete(id)
      await noteApplication(context, 'application.delete', application)
      print({ deleted: id }, options(command).json === true)
    }),
  )
  app
    .command('redirect-uris <app> [uris...]')
    .description('set where people are sent back to after signing in; --public for programs that keep no secret')
    .option('--public', 'a public client: a phone, a desktop program, a page')
    .action(async (name: string, uris: string[], given: { public?: boolean }, command: Command) =>
      withContext(options(command), async (context) => {
        const application = await applicationOf(context, name)
        const { id } = application
        await context.directory.applications.setRedirectUris(id, uris)
        await context.directory.applications.setPublic(id, given.public === true)
        await noteApplication(context, 'application.update', application, { redirectUris: uris, public: given.public === true })
        print({ id, redirectUris: uris, public: given.public === true }, options(command).json === true)
      }),
    )
  app
    .command('add-secret <app>')
    .description('make a client secret; it is shown this once')
    .option('--name <name>', 'what the secret is for')
    .option('--years <count>', 'how long it is valid', '2')
    .action(async (name: string, given: { name?: string; years: string }, command: Command) =>
      withContext(options(command), async (context) => {
        const application = await applicationOf(context, name)
        const years = Number(given.years)
        if (!Number.isInteger(years) || years < 1 || years > 100)
          throw new DirectoryError('invalid', 'years', 'a secret is valid for 1 to 100 years')
        const { secret, credential } = await context.directory.credentials.addSecret(application.id, {
          years,
          ...(given.name === undefined ? {} : { displayName: given.name }),
        })
        await noteApplication(context, 'application.secretAdd', application, { credential: credential.id })
        print({ ...credentialView(credential), secret }, options(command).json === true)
      }),
    )
  app
    .command('add-certificate <app> <file>')
    .description('register a certificate (PEM) whose key signs client assertions')
    .action(async (name: string, file: string, _given, command: Command) =>
      withContext(options(command), async (context) => {
        const application = await applicationOf(context, name)
        const credential = await context.directory.credentials.addCertificate(application.id, readPem(file))
        await noteApplication(context, 'application.certificateAdd', application, { credential: credential.id })
        print(credentialView(credential), options(command).json === true)
      }),
    )
  app
    .command('grant <app> [roles...]')
    .description('set the permissions of an application; none when no role is named')
    .action(async (name: string, roles: string[], _given, command: Command) =>
      withContext(options(command), async (context) => {
        const application = await applicationOf(context, name)
        const { id } = application
        await context.directory.applications.grant(id, roles)
        await noteApplication(context, 'application.update', application, { roles })
        print(applicationView(await applicationOf(context, id)), options(command).json === true)
      }),
    )
}

async function noteApplication(
  context: BaseContext,
  action: string,
  application: Application,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await note(context, application.tenantId, action, { id: application.id, name: application.displayName }, detail)
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new NotFoundError('file', file)
  }
}
