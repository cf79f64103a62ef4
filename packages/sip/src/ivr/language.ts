import type { Language } from '../door.ts'
import type { Keypad } from './keypad.ts'

const afterChoice = 1_200

/**
 * The language chosen by key: 1 is English, 2 is Spanish; nothing when none is chosen in time. A key that goes on
 * with others is no choice but a passcode typed ahead (a `tel:` link does that): it stays for whoever asks next.
 */
export async function chooseLanguage(keypad: Keypad, milliseconds: number): Promise<Language | undefined> {
  const key = await keypad.next(milliseconds)
  if (key === undefined) return undefined
  if (key !== '1' && key !== '2') {
    keypad.unread([key])
    return undefined
  }
  const more = await keypad.next(afterChoice)
  if (more === undefined) return key === '1' ? 'en' : 'es'
  keypad.unread([key, more])
  return undefined
}
