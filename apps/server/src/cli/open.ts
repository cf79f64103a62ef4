import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { type Config, decide } from '../config/config.ts'
import { type BaseContext, closeContext, openBaseContext } from '../context.ts'
import type { Application, Tenant, User } from '../identity/directory.ts'
import { type ServerAddress, serverAddressPath } from '../server-address.ts'
import { keepPrivate } from '../store/private-folder.ts'
import { NotFoundError } from './output.ts'

export interface GlobalOptions {
  data?: string
  json?: boolean
}

/** The configuration of the folder a command works on: what the server that uses it decided, when one has run. */
export function configOf(options: GlobalOptions): Config {
  const environment = options.data === undefined ? process.env : { ...process.env, PARLEY_DATA: options.data }
  const config = decide(environment)
  const path = serverAddressPath(config)
  if (!existsSync(path)) return config
  return { ...config, ...(JSON.parse(readFileSync(path, 'utf8')) as ServerAddress) }
}

/** Work on a data folder, whether or not a server is running on it, and leave it closed. */
export async function withContext<T>(options: GlobalOptions, work: (context: BaseContext) => Promise<T>): Promise<T> {
  const config = configOf(options)
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 })
  for (const line of keepPrivate(config.dataFolder)) console.error(line)
  const context = await openBaseContext(config)
  try {
    return await work(context)
  } finally {
    await closeContext(context)
  }
}

/** Note a change made on the command line in its tenant's audit log, by the name of the machine's user. */
export async function note(
  context: BaseContext,
  tenantId: string,
  action: string,
  target: { id: string; name: string },
  detail: Record<string, unknown> = {},
): Promise<void> {
  await context.audit.record({ id: null, name: `${machineUser()} (parley)`, tenantId, address: '' }, action, target, detail)
}

function machineUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container's user may have no name.
    return String(process.getuid?.() ?? '?')
  }
}

/** The tenant an option names, by id or domain; without one, the only tenant there is. */
export async function tenantOf(context: BaseContext, name: string | undefined): Promise<Tenant> {
  if (name === undefined) {
    const tenants = await context.directory.tenants.list()
    if (tenants.length === 1) return tenants[0]!
    throw new NotFoundError('only', 'tenant: name one with --tenant')
  }
  const tenant = await context.directory.tenants.find(name)
  if (tenant === undefined) throw new NotFoundError('tenant', name)
  return tenant
}

/** A user by upn or object id. */
export async function userOf(context: BaseContext, name: string, tenant?: Tenant): Promise<User> {
  const user = name.includes('@')
    ? await context.directory.users.findByUpn(name)
    : await context.directory.users.find((tenant ?? (await tenantOf(context, undefined))).id, name)
  if (user === undefined) throw new NotFoundError('user', name)
  return user
}

export async function applicationOf(context: BaseContext, id: string): Promise<Application> {
  const application = await context.directory.applications.find(id)
  if (application === undefined) throw new NotFoundError('application', id)
  return application
}
