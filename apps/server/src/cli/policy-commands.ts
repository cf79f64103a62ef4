import type { Command } from 'commander'
import { AccessPolicyError } from '../identity/access-policies.ts'
import { note, tenantOf, userOf, withContext } from './open.ts'
import { NotFoundError, print, UsageError } from './output.ts'
import { options } from './program.ts'

interface Given {
  tenant?: string
  app?: string[]
  user?: string
  clear?: boolean
}

/** `parley policy set|list|grant|revoke|delete|refusals`: application access policies, which the strict mode asks. */
export function policyCommands(program: Command): void {
  const policy = program
    .command('policy')
    .description('which applications may act for which users, where PARLEY_ACCESS_POLICY is strict')
  const inTenant = (command: Command) => command.option('--tenant <tenant>', 'tenant by id or domain; the only one when left out')

  inTenant(policy.command('set <name>'))
    .description('make a policy, or replace the applications it lists')
    .option('--app <clientId...>', 'client ids of the applications that may act')
    .action(async (name: string, given: Given, command: Command) =>
      withContext(options(command), async (context) => {
        const { id } = await tenantOf(context, given.tenant)
        await context.accessPolicies.set(id, name, given.app ?? []).catch(asUsage)
        await note(context, id, 'policy.set', { id: name, name }, { appIds: given.app ?? [] })
        print({ name, appIds: given.app ?? [] }, options(command).json === true)
      }),
    )
  inTenant(policy.command('list')).action(async (given: Given, command: Command) =>
    withContext(options(command), async (context) => {
      const policies = await context.accessPolicies.list((await tenantOf(context, given.tenant)).id)
      print(
        policies.map((each) => ({ ...each })),
        options(command).json === true,
      )
    }),
  )
  inTenant(policy.command('grant <name>'))
    .description("grant a policy to a user, whose own replaces the tenant's, or to the whole tenant")
    .option('--user <user>', 'user by upn or object id; the whole tenant when left out')
    .action(async (name: string, given: Given, command: Command) =>
      withContext(options(command), async (context) => {
        const tenant = await tenantOf(context, given.tenant)
        const user = given.user === undefined ? null : await userOf(context, given.user, tenant)
        await context.accessPolicies.grant(tenant.id, name, user?.id ?? null).catch(asUsage)
        await note(context, tenant.id, 'policy.grant', { id: name, name }, { to: user?.upn ?? 'tenant' })
        print({ name, grantedTo: user?.upn ?? 'tenant' }, options(command).json === true)
      }),
    )
  inTenant(policy.command('revoke'))
    .description('take a grant back from a user, or from the whole tenant')
    .option('--user <user>', 'user by upn or object id; the whole tenant when left out')
    .action(async (given: Given, command: Command) =>
      withContext(options(command), async (context) => {
        const tenant = await tenantOf(context, given.tenant)
        const user = given.user === undefined ? null : await userOf(context, given.user, tenant)
        if (!(await context.accessPolicies.revoke(tenant.id, user?.id ?? null)))
          throw new NotFoundError('grant to', user?.upn ?? 'the tenant')
        await note(context, tenant.id, 'policy.revoke', { id: '', name: '' }, { to: user?.upn ?? 'tenant' })
        print({ revokedFrom: user?.upn ?? 'tenant' }, options(command).json === true)
      }),
    )
  inTenant(policy.command('delete <name>')).action(async (name: string, given: Given, command: Command) =>
    withContext(options(command), async (context) => {
      const { id } = await tenantOf(context, given.tenant)
      if (!(await context.accessPolicies.delete(id, name))) throw new NotFoundError('policy', name)
      await note(context, id, 'policy.delete', { id: name, name })
      print({ deleted: name }, options(command).json === true)
    }),
  )
  inTenant(policy.command('refusals'))
    .description('what was refused to applications and people, and why')
    .option('--clear', 'forget them')
    .action(async (given: Given, command: Command) =>
      withContext(options(command), async (context) => {
        const { id } = await tenantOf(context, given.tenant)
        const refusals = await context.accessRefusals.list(id)
        if (given.clear === true) {
          await context.accessRefusals.clear(id)
          await note(context, id, 'refusals.clear', { id, name: '' })
        }
        print(
          refusals.map((each) => ({ ...each })),
          options(command).json === true,
        )
      }),
    )
}

function asUsage(error: unknown): never {
  throw error instanceof AccessPolicyError ? new UsageError(error.message) : error
}
