import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFields } from './form-fields.ts'

test('fields as URLSearchParams reads them, up to a thousand', () => {
  for (const text of ['', 'a=1&b=2', 'a&b&&c=', 'a=b=c&%20x=+y&=z', '&&', 'é=%C3%A9&%zz=%'])
    assert.deepEqual([...readFields(text)!], [...new URLSearchParams(text)], text)
  assert.equal(readFields('a&'.repeat(999))!.size, 999)
  assert.equal(readFields('a&'.repeat(1_000)), undefined)
})
