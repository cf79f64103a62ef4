import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { joinUrl } from '../../meetings/links.ts'
import { readJoinLink } from './join-link.ts'

const meeting = fc.record({ threadGuid: fc.uuid(), tenantId: fc.uuid(), organizerId: fc.uuid() })
const suffix = fc.constantFrom('thread.v2' as const, 'thread.skype' as const)

/** How a link may reach us: decoded once, as it is, or encoded again and again; hexadecimal digits in either case. */
const encodings: ((link: string) => string)[] = [
  (link) => decodeURIComponent(link),
  (link) => link,
  (link) => encodeURIComponent(link),
  (link) => encodeURIComponent(encodeURIComponent(link)),
  (link) => encodeURI(decodeURIComponent(link)),
  (link) => link.replace(/%[0-9a-f]{2}/g, (each) => each.toUpperCase()),
  (link) => link.replace(/^https/, 'HTTPS').replace('meet.example', 'MEET.Example'),
  (link) => link.replace('/0?', '/0/?'),
  (link) => ` ${link} `,
]

test('a link is the same meeting at every depth of encoding', () => {
  fc.assert(
    fc.property(meeting, suffix, fc.constantFrom(...encodings), (given, end, encode) => {
      const { threadGuid, tenantId, organizerId } = given
      assert.deepEqual(readJoinLink(encode(joinUrl('https://meet.example', given, end))), {
        kind: 'thread',
        threadGuid,
        tenantId,
        organizerId,
      })
    }),
  )
})

test('short links lead to a code; other addresses to nothing; other text is none', () => {
  assert.deepEqual(readJoinLink('https://meet.example/meet/123456789012?p=aBc'), { kind: 'code', code: '123456789012' })
  assert.deepEqual(readJoinLink('https://teams.microsoft.com/l/meetup-join/x'), { kind: 'other' })
  fc.assert(fc.property(fc.string(), (text) => assert.doesNotThrow(() => readJoinLink(text))))
  assert.equal(readJoinLink("' or 1 eq 1"), undefined)
})
