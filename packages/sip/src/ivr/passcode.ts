import type { Keypad } from './keypad.ts'

interface PasscodeTimes {
  /** Milliseconds to wait for the first key, and between keys. */
  first: number
  between: number
}

const passcodeTimes: PasscodeTimes = { first: 10_000, between: 5_000 }

const mostDigits = 20

/**
 * Collect a passcode: ends with hash, with as many digits as passcodes have when that is known, or with a pause.
 * Star starts over. Nothing when no digit was keyed. The result must never be logged.
 */
export async function collectPasscode(
  keypad: Keypad,
  length: number | undefined,
  times = passcodeTimes,
): Promise<string | undefined> {
  let digits = ''
  for (;;) {
    const key = await keypad.next(digits === '' ? times.first : times.between)
    if (key === undefined) return digits === '' ? undefined : digits
    if (key === '*') digits = ''
    else if (key === '#') {
      // A hash after a passcode that needed none is left over from the try before.
      if (digits !== '') return digits
    } else if (/^\d$/.test(key)) digits += key
    if (digits.length === (length ?? mostDigits)) return digits
  }
}
