import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Clock, systemClock } from '../src/common/clock.ts'
import { instantFromMillis } from '../src/common/instant.ts'
import { Directory, type Tenant, type User } from '../src/identity/directory.ts'
import { type Database, openDatabase } from '../src/store/database.ts'

/** A clock that stands until it is moved. */
export class StandingClock implements Clock {
  #millis = systemClock.millis()
  millis = () => this.#millis
  now = () => instantFromMillis(this.#millis)
  move(seconds: number): void {
    this.#millis += seconds * 1000
  }
}

/** A database with a tenant and a person, for unit tests; gone with the test. */
export async function testDirectory(t: TestContext): Promise<{
  db: Database
  clock: StandingClock
  directory: Directory
  tenant: Tenant
  ada: User
}> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-unit-'))
  const db = await openDatabase({ path: join(folder, 'parley.db') })
  t.after(async () => {
    await db.destroy()
    rmSync(folder, { recursive: true, force: true })
  })
  const clock = new StandingClock()
  const directory = new Directory(db, clock)
  const tenant = await directory.tenants.create({ domain: 'unit.example', displayName: 'Unit' })
  const ada = await directory.users.create({
    tenantId: tenant.id,
    upn: 'ada@unit.example',
    displayName: 'Ada',
    password: 'correct horse',
  })
  return { db, clock, directory, tenant, ada }
}
