import assert from 'node:assert/strict'
import { test } from 'node:test'
import { en, type Key } from './en.ts'
import { es } from './es.ts'
import { translator } from './translate.ts'

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

test('Spanish and English say the same things', () => {
  assert.deepEqual(Object.keys(es), Object.keys(en))
  for (const key of Object.keys(en) as Key[]) {
    assert.notEqual(es[key].trim(), '', `${key} is empty in Spanish`)
    assert.equal(es[key].split('|').length, en[key].split('|').length, `${key} has other plural forms`)
    const last = (text: string) => holes(text.split('|').at(-1) ?? '')
    assert.deepEqual(last(es[key]), last(en[key]), `${key} is filled in with other values`)
  }
})

test('values are filled in and the plural chosen', () => {
  const t = translator('en')
  assert.equal(t('bar.unread', { n: 1 }), '1 unread message')
  assert.equal(t('bar.unread', { n: 3 }), '3 unread messages')
  assert.equal(translator('es')('bar.unread', { n: 3 }), '3 mensajes sin leer')
  assert.equal(t('notice.entry', { name: '{n}' }), '{n} joined', 'a value is not filled in again')
})
