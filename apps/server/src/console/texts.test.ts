import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminTexts } from './admin/texts.ts'
import { layoutTexts } from './layout-texts.ts'
import { meetingTexts } from './meetings/texts.ts'
import { ownTexts } from './profile/texts.ts'
import { signInTexts } from './sign-in/texts.ts'

for (const [name, { en, es }] of Object.entries({ adminTexts, layoutTexts, meetingTexts, ownTexts, signInTexts }) as [
  string,
  { en: Record<string, string>; es: Record<string, string> },
][])
  test(`${name}: Spanish and English have the same keys, the same blanks and no empty text`, () => {
    assert.deepEqual(Object.keys(es), Object.keys(en))
    const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort()
    for (const key of Object.keys(en)) {
      assert.deepEqual(blanks(es[key]!), blanks(en[key]!), key)
      assert.notEqual(es[key]!.trim(), '', key)
      assert.notEqual(en[key]!.trim(), '', key)
    }
  })
