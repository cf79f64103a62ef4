import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Directory } from './directory.ts'
import { newPassword } from './secret-hash.ts'

/** What a developer needs to call the demo, in `<data>/dev.json`. */
export interface DevFile {
  baseUrl: string
  httpsBaseUrl: string
  caFile: string | null
  tenantId: string
  tokenUrl: string
  clientId: string
  clientSecret: string
  users: { id: string; upn: string; displayName: string; password: string }[]
}

/** The tenant and the organizer of the 2018 page's answer, and somebody for them to meet. */
const tenant = { id: '72f988bf-86f1-41af-91ab-2d7cd011db47', domain: 'parley.example', displayName: 'Parley Demo' }
const people = [
  { id: '550fae72-d251-43ec-868c-373732c2704f', upn: 'heidi@parley.example', displayName: 'Heidi Steen', isAdmin: true },
  { id: 'c4d8b8a1-2f0e-4f6b-9a57-6d1f3b7e9a20', upn: 'ines@parley.example', displayName: 'Inés Cordero', isAdmin: false },
]

export const devFilePath = (config: Config) => join(config.dataFolder, 'dev.json')

/** Make the demo tenant with its people and an application, and write dev.json (mode 0600). */
export async function makeDemo(directory: Directory, config: Config, caFile: string | null): Promise<void> {
  const { id: tenantId } = await directory.tenants.create(tenant)
  const users: DevFile['users'] = []
  for (const person of people) {
    const password = newPassword()
    await directory.users.create({ ...person, tenantId, password })
    users.push({ id: person.id, upn: person.upn, displayName: person.displayName, password })
  }
  const application = await directory.applications.create({
    tenantId,
    displayName: 'Parley demo application',
    roles: ['OnlineMeetings.ReadWrite.All'],
    // For the code and device flows of an application on this machine.
    redirectUris: ['http://localhost'],
    isPublic: true,
  })
  const { secret } = await directory.credentials.addSecret(application.id, { displayName: 'dev.json' })
  writeDevFile(config, {
    ...addresses(config, caFile, tenantId),
    clientId: application.clientId,
    clientSecret: secret,
    users,
  })
}

/** The members of dev.json that follow from where the server listens; written anew when that changed. */
export function addresses(config: Config, caFile: string | null, tenantId: string) {
  return {
    baseUrl: config.baseUrl,
    httpsBaseUrl: config.httpsBaseUrl,
    caFile,
    tenantId,
    tokenUrl: `${config.baseUrl}/${tenantId}/oauth2/v2.0/token`,
  }
}

export function writeDevFile(config: Config, content: DevFile): void {
  const path = devFilePath(config)
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  chmodSync(path, 0o600)
}
