import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Fill a data folder with meetings that look like real ones, straight in the database: a million through the API would
 * measure the wrong thing. Ids are spread by a multiplication modulo a prime, so indexes fill as they do in life.
 */
export function fill(dataFolder: string, count: number): string[] {
  const database = new DatabaseSync(join(dataFolder, 'parley.db'))
  const row = database.prepare("select * from meetings where vtc_id like '_________' limit 1").get() as Record<
    string,
    string | number | null
  >
  const columns = Object.keys(row)
  const insert = database.prepare(
    `insert or ignore into meetings (${columns.join(',')}) values (${columns.map(() => '?').join(',')})`,
  )
  const ids: string[] = []
  database.exec('begin')
  for (let n = 1; n <= count; n++) {
    const spread = (n * 736_338_717) % 999_999_937
    const vtcId = String(spread).padStart(9, '0')
    const fresh: Record<string, string | number | null> = {
      ...row,
      id: crypto.randomUUID(),
      vtc_id: vtcId,
      thread_guid: crypto.randomUUID(),
      join_code: `9${String(n).padStart(11, '0')}`,
      participant_passcode: `77${String(n).padStart(9, '0')}`,
    }
    insert.run(...columns.map((column) => fresh[column]!))
    if (n % Math.ceil(count / 1000) === 0) ids.push(vtcId)
  }
  database.exec('commit')
  database.close()
  return ids
}
