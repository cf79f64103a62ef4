import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { putInPlace } from './setup.mjs'

test('a new build takes over without taking away what running servers still name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-build-'))
  const dist = join(folder, 'dist')
  const build = (...names: string[]) => {
    const fresh = join(folder, 'fresh')
    for (const part of ['assets', '.vite']) mkdirSync(join(fresh, part), { recursive: true })
    for (const name of names) writeFileSync(join(fresh, 'assets', name), name)
    writeFileSync(join(fresh, '.vite', 'manifest.json'), names.join())
    putInPlace(fresh, dist)
    assert.equal(existsSync(fresh), false)
    assert.equal(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'), names.join())
  }
  const has = (name: string) => existsSync(join(dist, 'assets', name))
  try {
    build('main-1.js', 'shared.js')
    build('main-2.js', 'shared.js')
    assert.ok(has('main-1.js') && has('main-2.js') && has('shared.js'))
    utimesSync(join(dist, 'assets', 'main-1.js'), new Date(0), new Date(0))
    build('main-3.js', 'shared.js')
    assert.ok(!has('main-1.js') && has('main-2.js') && has('main-3.js') && has('shared.js'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
