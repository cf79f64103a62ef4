import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { Kysely, sql } from 'kysely'
import { sqliteDialect } from './dialect.ts'
import { FolderInUseError, lockFolder } from './lock.ts'
import { SqliteError } from './writer.ts'

interface Tables {
  notes: { id: string; text: string }
}

async function withDatabase(commitDelayMs: number, work: (db: Kysely<Tables>, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-store-'))
  const db = new Kysely<Tables>({ dialect: sqliteDialect({ path: join(folder, 'x.db'), commitDelayMs }) })
  try {
    await db.schema
      .createTable('notes')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('text', 'text')
      .execute()
    await work(db, folder)
  } finally {
    await db.destroy()
    rmSync(folder, { recursive: true, force: true })
  }
}

const note = (id: string) => ({ id, text: 'x' })
const count = async (db: Kysely<Tables>) =>
  Number((await db.selectFrom('notes').select(sql<number>`count(*)`.as('n')).executeTakeFirstOrThrow()).n)

test('what was written is read at once, on disk in full', () =>
  withDatabase(0, async (db) => {
    await db.insertInto('notes').values(note('a')).execute()
    assert.deepEqual({ ...(await db.selectFrom('notes').selectAll().executeTakeFirst()) }, note('a'))
    const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(db)
    assert.equal(rows[0]!.synchronous, 2, 'FULL')
    assert.equal((await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db)).rows[0]!.journal_mode, 'wal')
  }))

test('writes at the same time share commits, and one that fails takes no other with it', () =>
  withDatabase(40, async (db) => {
    let commits = 0
    const started = performance.now()
    const results = await Promise.allSettled([
      ...Array.from({ length: 200 }, (_, n) =>
        db
          .insertInto('notes')
          .values(note(`n${n}`))
          .execute(),
      ),
      db.insertInto('notes').values(note('n7')).execute(),
      ...Array.from({ length: 200 }, (_, n) =>
        db
          .insertInto('notes')
          .values(note(`m${n}`))
          .execute(),
      ),
    ])
    commits = Math.floor((performance.now() - started) / 40)
    const failed = results.filter(({ status }) => status === 'rejected')
    assert.equal(failed.length, 1)
    const { reason } = failed[0] as PromiseRejectedResult
    assert.ok(reason instanceof SqliteError && reason.code === 1555)
    assert.equal(await count(db), 400)
    assert.ok(commits < 100, `401 writes took ${commits} commits`)
  }))

test('a slow disk does not hold up anything else in the process', () =>
  withDatabase(300, async (db) => {
    await db.insertInto('notes').values(note('before')).execute()
    let written = false
    const writing = db
      .insertInto('notes')
      .values(note('slow'))
      .execute()
      .then(() => {
        written = true
      })
    let turns = 0
    while (!written && turns < 20) {
      // Reads and everything else go on while the writer's thread waits for its disk.
      assert.ok((await count(db)) >= 1)
      await new Promise((resolve) => setImmediate(resolve))
      turns += 1
    }
    await writing
    assert.equal(turns, 20, 'the event loop stood still while the disk did')
  }))

test('transactions are all or nothing, see their own writes and wait for one another', () =>
  withDatabase(0, async (db) => {
    await assert.rejects(
      db.transaction().execute(async (trx) => {
        await trx.insertInto('notes').values(note('gone')).execute()
        throw new Error('changed my mind')
      }),
      /changed my mind/,
    )
    await db.insertInto('notes').values({ id: 'counter', text: '0' }).execute()
    await Promise.all(
      Array.from({ length: 30 }, () =>
        db.transaction().execute(async (trx) => {
          const { text } = await trx.selectFrom('notes').select('text').where('id', '=', 'counter').executeTakeFirstOrThrow()
          await trx
            .updateTable('notes')
            .set({ text: String(Number(text) + 1) })
            .where('id', '=', 'counter')
            .execute()
        }),
      ),
    )
    const rows = await db.selectFrom('notes').selectAll().execute()
    assert.deepEqual(
      rows.map(({ id, text }) => [id, text]),
      [['counter', '30']],
    )
  }))

test('a statement that fails inside a transaction can be survived', () =>
  withDatabase(0, async (db) => {
    await db.insertInto('notes').values(note('a')).execute()
    await db.transaction().execute(async (trx) => {
      await assert.rejects(trx.insertInto('notes').values(note('a')).execute(), SqliteError)
      await trx.insertInto('notes').values(note('b')).execute()
    })
    assert.equal(await count(db), 2)
  }))

test('a folder is held by one, and free again when that one lets go', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-lock-'))
  const held = lockFolder(folder)
  assert.throws(() => lockFolder(folder), FolderInUseError)
  held.release()
  held.release()
  lockFolder(folder).release()
  rmSync(folder, { recursive: true, force: true })
})
