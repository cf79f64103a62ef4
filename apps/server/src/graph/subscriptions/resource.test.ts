import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { joinUrl, threadId } from '../../meetings/links.ts'
import { parseResource } from './resource.ts'

const threadGuid = '3f1a6a0e-6f55-4a3c-9f0e-111111111111'
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const meeting = { threadGuid, tenantId, organizerId: '550fae72-d251-43ec-868c-373732c2704f' }
const link = joinUrl('https://meet.example', meeting, 'thread.v2')

test('both spellings of meetingCallEvents are read, the link at every depth of encoding', () => {
  const depths = [decodeURIComponent(link), link, encodeURIComponent(link), encodeURIComponent(encodeURIComponent(link))]
  for (const each of [...depths, joinUrl('http://localhost:8080', meeting, 'thread.skype')]) {
    const join = { threadGuid, tenantId }
    for (const text of [
      `communications/onlineMeetings(joinWebUrl='${each}')/meetingCallEvents`,
      `/communications/onlinemeetings(JoinWebUrl='${each}')/MeetingCallEvents`,
    ])
      assert.deepEqual(parseResource(text), { kind: 'callEvents', spelling: 'function', join }, text)
    for (const text of [
      `/communications/onlineMeetings/?$filter=JoinWebUrl eq '${each}'`,
      `communications/onlineMeetings?$filter=joinWebUrl%20eq%20%27${each}%27`,
    ])
      assert.deepEqual(parseResource(text), { kind: 'callEvents', spelling: 'filter', join }, text)
  }
  assert.deepEqual(
    parseResource("communications/onlineMeetings(joinWebUrl='https://x.example/meet/123456789012?p=h')/meetingCallEvents"),
    {
      ...{ kind: 'callEvents', spelling: 'function', join: { code: '123456789012' } },
    },
  )
})

test('chats, meetings, transcripts and recordings are read in path and key form', () => {
  const chatId = threadId(threadGuid, 'thread.v2')
  for (const text of [
    `/chats/${chatId}/messages`,
    `chats('${chatId}')/messages`,
    `chats/${encodeURIComponent(chatId)}/messages/`,
  ])
    assert.deepEqual(parseResource(text), { kind: 'chatMessages', chatId }, text)
  const id = 'MSo1NTBmYWU3'
  assert.deepEqual(parseResource(`users/u1/onlineMeetings/${id}`), { kind: 'meeting', userId: 'u1', meetingId: id })
  assert.deepEqual(parseResource(`me/onlineMeetings('${id}')`), { kind: 'meeting', userId: null, meetingId: id })
  assert.deepEqual(parseResource('communications/onlineMeetings/getAllTranscripts'), { kind: 'transcripts', scope: 'tenant' })
  assert.deepEqual(parseResource("users('u1')/onlineMeetings/getAllRecordings"), {
    kind: 'recordings',
    scope: 'user',
    userId: 'u1',
  })
  for (const text of [`communications/onlineMeetings/${id}/transcripts`, `users/u1/onlineMeetings/${id}/transcripts`])
    assert.deepEqual(parseResource(text), { kind: 'transcripts', scope: 'meeting', meetingId: id })
})

test('anything else is no resource', () => {
  for (const text of [
    ...[
      '',
      '/',
      'me',
      'users/u1/messages',
      'chats//messages',
      'chats/x',
      'chats/getAllMessages',
      'communications/onlineMeetings',
    ],
    ...[
      "communications/onlineMeetings(joinWebUrl='x')/meetingCallEvents",
      "communications/onlineMeetings?$filter=subject eq 'x'",
    ],
    ...[
      "communications/onlineMeetings(joinWebUrl='https://x.example/')/meetingCallEvents",
      'chats/x/messages?$filter=y',
      '%',
      'a\0b',
    ],
    ...['appCatalogs/teamsApps/x/installedToOnlineMeetings/getAllTranscripts', 'x'.repeat(2001)],
  ])
    assert.equal(parseResource(text), undefined, text)
})

test('no text makes the reader throw', () => {
  const words = fc.constantFrom(
    'communications',
    '/',
    'onlineMeetings',
    '(',
    ')',
    "'",
    'joinWebUrl=',
    '?$filter=',
    ' eq ',
    link,
    '%',
    'chats',
    'users',
    'messages',
    '%2',
    '%27',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(words, { maxLength: 12 }).map((all) => all.join('')),
      ),
      (text) => void parseResource(text),
    ),
    { numRuns: 2000 },
  )
})

test('any meeting’s link, encoded any number of times, leads back to it', () => {
  const guid = fc.uuid().map((id) => id.toLowerCase())
  fc.assert(
    fc.property(guid, fc.nat({ max: 4 }), fc.boolean(), (id, depth, filter) => {
      let each = joinUrl('https://meet.example', { threadGuid: id, tenantId, organizerId: randomUUID() }, 'thread.v2')
      for (let index = 0; index < depth; index++) each = encodeURIComponent(each)
      const text = filter
        ? `communications/onlineMeetings?$filter=JoinWebUrl eq '${each}'`
        : `communications/onlineMeetings(joinWebUrl='${each}')/meetingCallEvents`
      const resource = parseResource(text)
      assert.ok(resource?.kind === 'callEvents' && 'threadGuid' in resource.join)
      assert.equal(resource.join.threadGuid, id)
    }),
  )
})
