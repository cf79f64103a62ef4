import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newMeetingIds, randomDigits } from './ids.ts'
import { joinUrl, threadGuidOf, threadId } from './links.ts'

test("composed as in the 2018 page's sample", () => {
  const meeting = {
    threadGuid: '3b3c7352-bf78-409f-bc35-bab23e9680a3',
    tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47',
    organizerId: '550fae72-d251-43ec-868c-373732c2704f',
  }
  assert.equal(
    threadId(meeting.threadGuid, 'thread.skype'),
    '19:meeting_M2IzYzczNTItYmY3OC00MDlmLWJjMzUtYmFiMjNlOTY4MGEz@thread.skype',
  )
  assert.equal(
    joinUrl('https://teams.microsoft.com', meeting, 'thread.skype'),
    'https://teams.microsoft.com/l/meetup-join/19%3ameeting_M2IzYzczNTItYmY3OC00MDlmLWJjMzUtYmFiMjNlOTY4MGEz%40thread.skype/0?context=%7b%22Tid%22%3a%2272f988bf-86f1-41af-91ab-2d7cd011db47%22%2c%22Oid%22%3a%22550fae72-d251-43ec-868c-373732c2704f%22%7d',
  )
})

test('the GUID comes back out of either suffix, and out of nothing else', () => {
  fc.assert(
    fc.property(fc.uuid(), (guid) => {
      assert.equal(threadGuidOf(threadId(guid, 'thread.v2')), guid)
      assert.equal(threadGuidOf(threadId(guid, 'thread.skype')), guid)
      assert.match(threadId(guid, 'thread.v2'), /^19:meeting_[A-Za-z0-9]{48}@thread\.v2$/, 'needs no further encoding')
    }),
  )
  fc.assert(fc.property(fc.string(), (text) => threadGuidOf(text) === undefined))
  assert.equal(threadGuidOf(`19:meeting_${'A'.repeat(48)}@thread.v2`), undefined)
})

test('digits have the length asked for, leading zeros kept', () => {
  for (const count of [1, 7, 8, 9, 12, 14])
    for (let n = 0; n < 50; n++) assert.match(randomDigits(count), new RegExp(`^\\d{${count}}$`))
  assert.match(newMeetingIds(9).participantPasscode, /^\d{10}$/)
})
