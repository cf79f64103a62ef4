import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { CallMemory } from '@parley/sip'
import { CallMemories } from './call-memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-calls-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'calls.json')
const fails = (error: unknown) => assert.fail(String(error))
const up = [{ protocol: 'udp', address: '127.0.0.1', port: 5060 }] as CallMemory[]

test('what was up is found by the next process, once; an orderly end leaves nothing', async () => {
  const memories = new CallMemories(path, fails)
  assert.deepEqual(memories.lost(), [])
  const written = new Promise<void>((resolve) => {
    const stream = watch(folder, () => {
      if (!existsSync(path)) return
      stream.close()
      resolve()
    })
  })
  memories.changed(() => [])
  memories.changed(() => assert.fail('written once'))
  // The timer alone keeps no process alive.
  const alive = setInterval(() => {}, 1_000)
  await written
  clearInterval(alive)
  writeFileSync(path, JSON.stringify(up))
  assert.deepEqual(new CallMemories(path, fails).lost(), up)
  memories.clear()
  assert.deepEqual(new CallMemories(path, fails).lost(), [])
})

test('a file cut off by the crash, or of something else, is no calls; one that cannot be written is told of', async () => {
  for (const text of ['', '[{"dialog":', '{}', 'null']) {
    writeFileSync(path, text)
    assert.deepEqual(new CallMemories(path, fails).lost(), [], text)
  }
  const error = await new Promise((resolve) => {
    new CallMemories(join(folder, 'nowhere', 'calls.json'), resolve).changed(() => up)
    setTimeout(() => {}, 1_000)
  })
  assert.match(String(error), /ENOENT/)
})
