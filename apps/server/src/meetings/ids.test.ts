import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newJoinPasscode } from './ids.ts'

test('a passcode can be read aloud and typed in either case: one case, nothing that looks like something else', () => {
  const seen = new Set(Array.from({ length: 500 }, newJoinPasscode))
  for (const passcode of seen) assert.match(passcode, /^[a-hjkmnp-z2-9]{8}$/)
  assert.equal(seen.size, 500)
  // 4,000 letters of 31: each of them comes.
  assert.equal(new Set([...seen].join('')).size, 31)
})
