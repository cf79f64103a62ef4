import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Keypad } from './keypad.ts'
import { chooseLanguage } from './language.ts'
import { collectPasscode } from './passcode.ts'

const times = { first: 1, between: 1 }
const keys = fc.string({ unit: fc.constantFrom(...'0123456789*#ABCD'), maxLength: 40 })

/** What a passcode is, said once more and otherwise: the digits after the last star before what ends it. */
function expected(pressed: string, length: number | undefined): string | undefined {
  let digits = ''
  for (const key of pressed) {
    if (key === '*') digits = ''
    else if (key === '#' && digits !== '') return digits
    else if (/\d/.test(key)) digits += key
    if (digits.length === (length ?? 20)) return digits
  }
  return digits === '' ? undefined : digits
}

test('whatever is pressed, a passcode is digits, as many as asked for, and the rest is left for whoever asks next', async () => {
  await fc.assert(
    fc.asyncProperty(keys, fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }), async (pressed, length) => {
      const keypad = new Keypad()
      for (const key of pressed) keypad.press(key)
      const passcode = await collectPasscode(keypad, length, times)
      assert.equal(passcode, expected(pressed, length))
      if (passcode !== undefined) assert.match(passcode, /^\d{1,20}$/)
      let left = ''
      for (let key = await keypad.next(0); key !== undefined; key = await keypad.next(0)) left += key
      assert.ok(pressed.endsWith(left))
    }),
    { numRuns: 60 },
  )
})

test('a caller who leans on the keys fills no memory, and one who has gone gets nothing', async () => {
  const keypad = new Keypad()
  for (let press = 0; press < 10_000; press++) keypad.press('7')
  assert.equal(await collectPasscode(keypad, undefined, times), '7'.repeat(20))
  keypad.close()
  assert.equal(await collectPasscode(keypad, undefined, times), undefined)
  assert.equal(keypad.pending, false)
})

test('what is typed ahead is never taken for a choice of language', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[0-9*#]{2,12}$/), async (pressed) => {
      const keypad = new Keypad()
      for (const key of pressed) keypad.press(key)
      assert.equal(await chooseLanguage(keypad, 1), undefined)
      let left = ''
      for (let key = await keypad.next(0); key !== undefined; key = await keypad.next(0)) left += key
      assert.equal(left, pressed)
    }),
    { numRuns: 30 },
  )
})
