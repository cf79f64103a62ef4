import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { keepPrivate } from './private-folder.ts'

test('a folder that everybody could read is closed, with the database in it, and what is made later is private', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-unit-'))
  const umask = process.umask()
  t.after(() => {
    process.umask(umask)
    rmSync(folder, { recursive: true, force: true })
  })
  for (const name of ['parley.db', 'parley.db-wal', 'notes.txt']) writeFileSync(join(folder, name), '')
  for (const name of ['parley.db', 'parley.db-wal', 'notes.txt']) chmodSync(join(folder, name), 0o644)
  chmodSync(folder, 0o755)
  const lines = keepPrivate(folder)
  writeFileSync(join(folder, 'parley.db-shm'), '')
  const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o777
  assert.deepEqual(
    ['.', 'parley.db', 'parley.db-wal', 'parley.db-shm', 'notes.txt'].map(modeOf),
    [0o700, 0o600, 0o600, 0o600, 0o644],
  )
  assert.equal(lines.length, 3)
  assert.match(lines[0]!, /could be read by others \(0755\)/)
  assert.deepEqual(keepPrivate(folder), [])
})
