import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longestName } from '@parley/door-api'
import { initials, safeName } from './safe-name.ts'

test("a name is shown by the door's rule: nothing hidden, cut where the server would refuse it", () => {
  assert.equal(safeName('Ada\u202Egnp.exe'), 'Adagnp.exe')
  assert.equal(safeName('Eva 👩\u200D🚀'), 'Eva 👩\u200D🚀')
  assert.equal([...safeName('x'.repeat(10_000))].length, longestName)
})

test('a name of nothing visible is the fallback', () => {
  for (const name of ['', '   ', '\u200B\u200D', '\u3164', '\u0301']) assert.equal(safeName(name, 'Guest'), 'Guest')
})

test('initials', () => {
  assert.equal(initials('ada lovelace'), 'AL')
  assert.equal(initials('Ada'), 'A')
  assert.equal(initials('👋'), '')
})
