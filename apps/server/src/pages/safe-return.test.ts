import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { safeReturn } from './safe-return.ts'

test('paths of ours are kept, with query and fragment', () => {
  for (const path of ['/', '/meetings', '/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d', '/admin?page=2#top'])
    assert.equal(safeReturn(path, '/fallback'), path)
})

test('whatever leads elsewhere becomes the fallback', () => {
  for (const path of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    'javascript:alert(1)',
    '',
    'meetings',
    ' /meetings',
    '/a\r\nSet-Cookie: x=1',
    undefined,
    ['/meetings'],
  ])
    assert.equal(safeReturn(path, '/fallback'), '/fallback', String(path))
})

test('property: a browser at our origin stays there, whatever was asked', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map((text) => `/${text}`),
      ),
      (asked) => {
        const url = new URL(safeReturn(asked, '/'), 'https://meet.example:8443/signin')
        assert.equal(url.origin, 'https://meet.example:8443')
      },
    ),
  )
})
