import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { ChatMessage } from '@parley/door-api'
import fc from 'fast-check'
import fastify, { type FastifyInstance } from 'fastify'
import { openBench } from '../../test/test-chat.ts'
import type { MeetingEvent } from '../meetings/events.ts'
import { chatRoutes } from './routes.ts'

async function open(t: TestContext, env: Record<string, string> = {}, options: Record<string, unknown> = {}) {
  const bench = await openBench(t, env)
  const app = fastify()
  await app.register(async (scope) => chatRoutes(scope, bench.context))
  t.after(() => app.close())
  const meeting = await bench.meeting(options)
  const ada = bench.admissions.admit(meeting, 'ada', { role: 'organizer', userId: bench.organizerId })
  const bob = bench.admissions.admit(meeting, 'bob')
  return { ...bench, app, meeting, ada, bob }
}

type Headers = Record<string, string>

async function call(
  app: FastifyInstance,
  headers: Headers,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
) {
  const json = body === undefined ? {} : { payload: JSON.stringify(body) }
  const type: Headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await app.inject({ method, url: `/api/chat${url}`, headers: { ...headers, ...type }, ...json })
  return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? undefined : answer.json() }
}

const messages = '/messages'

test('nothing opens without an admission', async (t) => {
  const { app } = await open(t)
  for (const headers of [{}, { authorization: 'Admission zoe.x' }, { authorization: 'Bearer x' }] as Headers[])
    for (const url of [messages, '/files/00000000000000000000000000000000']) {
      const answer = await call(app, headers, 'GET', url)
      assert.equal(answer.status, 401)
      assert.equal(answer.body.error.code, 'AdmissionEnded')
    }
})

test('a message is answered, kept, told live, and seen as one’s own by its writer alone', async (t) => {
  const { app, ada, bob, context, meeting } = await open(t)
  const seen: MeetingEvent[] = []
  context.feed.listen((event) => seen.push(event))
  const sent = await call(app, ada, 'POST', messages, { text: 'Hola <b>, https://example.org', mentions: ['id-bob'] })
  assert.equal(sent.status, 201)
  assert.deepEqual(sent.body, {
    ...{
      id: sent.body.id,
      from: { identity: 'id-ada', name: 'ada', you: true, kind: 'user' },
      text: 'Hola <b>, https://example.org',
    },
    ...{ createdAt: '2026-11-23T10:00:00Z', editedAt: null, deleted: false, replyTo: null, mentions: ['id-bob'] },
    ...{ reactions: [], file: null },
  })
  const reply = await call(app, bob, 'POST', messages, { text: 'Hi', replyTo: sent.body.id })
  const list = await call(app, bob, 'GET', messages)
  assert.deepEqual(
    list.body.messages.map((each: ChatMessage) => [each.id, each.from.you, each.replyTo]),
    [
      [sent.body.id, false, null],
      [reply.body.id, true, sent.body.id],
    ],
  )
  assert.equal(list.body.more, false)
  await context.feed.caughtUp(meeting.id)
  assert.deepEqual(
    seen.flatMap((event) => (event.kind === 'chat' ? [[event.meetingId, event.change, event.messageId]] : [])),
    [
      [meeting.id, 'created', sent.body.id],
      [meeting.id, 'created', reply.body.id],
    ],
  )
})

test('one edits one’s own, moderators delete any, and what was said stays for the organizer', async (t) => {
  const { app, ada, bob, context, meeting, clock } = await open(t)
  const { id } = (await call(app, bob, 'POST', messages, { text: 'first' })).body
  clock.move(1000)
  assert.equal((await call(app, ada, 'PATCH', `/messages/${id}`, { text: 'not mine' })).body.error.code, 'NotAllowed')
  const edited = await call(app, bob, 'PATCH', `/messages/${id}`, { text: 'second' })
  assert.deepEqual([edited.body.text, edited.body.editedAt], ['second', '2026-11-23T10:00:01Z'])
  const own = (await call(app, ada, 'POST', messages, { text: 'mine' })).body.id
  assert.equal((await call(app, bob, 'DELETE', `/messages/${own}`)).body.error.code, 'NotAllowed')
  assert.equal((await call(app, ada, 'DELETE', `/messages/${id}`)).status, 204)
  assert.equal((await call(app, ada, 'DELETE', `/messages/${id}`)).status, 204)
  const gone = await call(app, bob, 'PATCH', `/messages/${id}`, { text: 'third' })
  assert.deepEqual([gone.status, gone.body.error.code], [404, 'MessageNotFound'])
  const shown = (await call(app, bob, 'GET', messages)).body.messages[0]
  assert.deepEqual([shown.deleted, shown.text], [true, ''])
  const exported = (await context.chatRecords.export(meeting.id)) as { messages: { earlier: { text: string }[] }[] }
  assert.deepEqual(
    exported.messages[0]!.earlier.map(({ text }) => text),
    ['first', 'second'],
  )
})

test('a person reacts once with an emoji, and takes it back', async (t) => {
  const { app, ada, bob } = await open(t)
  const { id } = (await call(app, bob, 'POST', messages, { text: 'x' })).body
  const path = `/messages/${id}/reactions/${encodeURIComponent('👍')}`
  for (const who of [ada, ada, bob]) assert.equal((await call(app, who, 'PUT', path)).status, 200)
  const both = (await call(app, bob, 'GET', messages)).body.messages[0].reactions
  assert.deepEqual(both, [{ emoji: '👍', count: 2, mine: true }])
  await call(app, bob, 'DELETE', path)
  assert.deepEqual((await call(app, bob, 'GET', messages)).body.messages[0].reactions, [{ emoji: '👍', count: 1, mine: false }])
  assert.equal((await call(app, bob, 'PUT', `/messages/${id}/reactions/x`)).body.error.target, 'emoji')
})

test('pages go back in order and searching finds by folded words', async (t) => {
  const { app, ada, bob, clock } = await open(t)
  for (let index = 0; index < 7; index++) {
    await call(app, index % 2 ? ada : bob, 'POST', messages, { text: index === 3 ? 'Reunión 100% _fin_' : `n${index}` })
    clock.move(1000)
  }
  const last = (await call(app, ada, 'GET', '/messages?limit=3')).body
  assert.deepEqual([last.messages.map(({ text }: ChatMessage) => text), last.more], [['n4', 'n5', 'n6'], true])
  const before = (await call(app, ada, 'GET', `/messages?limit=4&before=${last.messages[0].id}`)).body
  assert.deepEqual([before.messages.length, before.messages[0].text, before.more], [4, 'n0', false])
  for (const [search, found] of [
    ['reunion', 1],
    ['100%', 1],
    ['%', 1],
    ['_', 1],
    ['zzz', 0],
    ["' or 1=1", 0],
  ] as const)
    assert.equal(
      (await call(app, ada, 'GET', `/messages?search=${encodeURIComponent(search)}`)).body.messages.length,
      found,
      search,
    )
})

test('bad members are named', async (t) => {
  const { app, bob } = await open(t)
  for (const [body, target] of [
    [{}, 'text'],
    [{ text: 5 }, 'text'],
    [{ text: ' \u200b ' }, 'text'],
    [{ text: 'x'.repeat(8001) }, 'text'],
    [{ text: 'x', replyTo: '1' }, 'replyTo'],
    [{ text: 'x', replyTo: '1234567890123' }, 'replyTo'],
    [{ text: 'x', mentions: 'all' }, 'mentions'],
    [{ text: 'x', mentions: ['a', ''] }, 'mentions[1]'],
    [{ text: 'x', mentions: Array.from({ length: 51 }, (_, index) => `p${index}`) }, 'mentions'],
  ] as const) {
    const answer = await call(app, bob, 'POST', messages, body)
    assert.deepEqual([answer.status, answer.body.error.code, answer.body.error.target], [400, 'InvalidArgument', target])
  }
  for (const [query, target] of [
    ['before=x', 'before'],
    ['limit=0', 'limit'],
    ['limit=1e1', 'limit'],
    ['search=', 'search'],
  ])
    assert.equal((await call(app, bob, 'GET', `/messages?${query}`)).body.error.target, target)
  const text = await app.inject({
    method: 'POST',
    url: '/api/chat/messages',
    headers: { ...bob, 'content-type': 'text/plain' },
    payload: 'x',
  })
  assert.equal(text.statusCode, 415)
  const large = await call(app, bob, 'POST', messages, { text: 'x'.repeat(300_000) })
  assert.deepEqual([large.status, large.body.error.code], [413, 'TooLarge'])
})

test('a flood is held back, and told for how long', async (t) => {
  const { app, bob, ada, clock } = await open(t)
  const statuses = []
  for (let index = 0; index < 12; index++) statuses.push((await call(app, bob, 'POST', messages, { text: 'x' })).status)
  assert.deepEqual([statuses.filter((each) => each === 201).length, statuses.at(-1)], [10, 429])
  assert.equal((await call(app, bob, 'POST', messages, { text: 'x' })).headers['retry-after'], '1')
  assert.equal((await call(app, ada, 'POST', messages, { text: 'x' })).status, 201, 'others are not held back')
  clock.move(1000)
  assert.equal((await call(app, bob, 'POST', messages, { text: 'x' })).status, 201)
})

test('the meeting’s settings are kept: off, muted, text only, no history', async (t) => {
  const off = await open(t, {}, { allowMeetingChat: 'disabled' })
  assert.equal((await call(off.app, off.bob, 'POST', messages, { text: 'x' })).body.error.code, 'ChatDisabled')
  const on = await open(t, {}, { shareMeetingChatHistoryDefault: 'none', chatRestrictions: { allowTextOnly: true } })
  const mute = on.admissions.admit(on.meeting, 'eve', { canChat: false })
  assert.equal((await call(on.app, mute, 'POST', messages, { text: 'x' })).body.error.code, 'ChatMuted')
  assert.equal((await call(on.app, mute, 'GET', messages)).status, 200)
  assert.equal((await call(on.app, on.bob, 'POST', '/files?name=a')).body.error.code, 'FilesDisabled')
  await call(on.app, on.bob, 'POST', messages, { text: 'before' })
  on.clock.move(1000)
  const late = on.admissions.admit(on.meeting, 'late', { admittedAt: on.clock.now() })
  on.clock.move(1000)
  await call(on.app, on.bob, 'POST', messages, { text: 'after' })
  const seen = (await call(on.app, late, 'GET', messages)).body.messages
  assert.deepEqual(
    seen.map(({ text }: ChatMessage) => text),
    ['after'],
  )
  await on.context.meetings.update(on.meeting.id, { cancelled: true })
  assert.equal((await call(on.app, on.bob, 'POST', messages, { text: 'x' })).body.error.code, 'ChatDisabled')
})

const raw = (app: FastifyInstance, headers: Headers, name: string, payload: Buffer, type = 'text/html') =>
  app.inject({
    method: 'POST',
    url: `/api/chat/files?name=${encodeURIComponent(name)}`,
    headers: { ...headers, 'content-type': type },
    payload,
  })

test('files go in whole, come out as attachments that no browser opens, and only to this meeting', async (t) => {
  const { app, ada, bob, folder, meeting, admissions, context, tenantId, organizerId } = await open(t)
  const bytes = Buffer.from('<script>alert(1)</script>')
  const sent = (await raw(app, bob, '../../añ"o\r\n.html', bytes)).json()
  assert.deepEqual([sent.file.name, sent.file.size, sent.file.type], ['añ_o .html', bytes.length, 'text/html'])
  assert.match(sent.file.url, /^\/api\/chat\/files\/[0-9a-f]{32}$/)
  const found = await call(app, ada, 'GET', '/messages?search=ANO')
  assert.deepEqual(found.body.messages.length, 0)
  assert.equal((await call(app, ada, 'GET', `/messages?search=${encodeURIComponent('an_o')}`)).body.messages.length, 1)
  const got = await app.inject({ url: sent.file.url, headers: ada })
  assert.deepEqual([got.statusCode, got.rawPayload.equals(bytes)], [200, true])
  assert.equal(got.headers['content-type'], 'application/octet-stream')
  assert.equal(got.headers['content-disposition'], `attachment; filename="file"; filename*=UTF-8''a%C3%B1_o%20.html`)
  assert.equal(got.headers['x-content-type-options'], 'nosniff')
  const elsewhere = await context.meetings.create({ tenantId, organizerId })
  const other = admissions.admit(elsewhere, 'mallory')
  assert.equal((await app.inject({ url: sent.file.url, headers: other })).statusCode, 404)
  assert.equal((await app.inject({ url: sent.file.url })).statusCode, 401)
  assert.equal((await call(app, ada, 'DELETE', `/messages/${sent.id}`)).status, 204)
  assert.equal((await app.inject({ url: sent.file.url, headers: ada })).statusCode, 404)
  assert.deepEqual(readdirSync(join(folder, 'chat-files', meeting.id)), [])
})

test('a form brings one file; too large, empty, missing and broken ones leave nothing behind', async (t) => {
  const { app, bob, clock, folder, meeting } = await open(t, { PARLEY_CHAT_FILE_LIMIT: '1k' })
  const form = (content: string, boundary = 'b') =>
    app.inject({
      ...{ method: 'POST', url: '/api/chat/files', payload: content.replaceAll('\n', '\r\n') },
      headers: { ...bob, 'content-type': `multipart/form-data; boundary=${boundary}` },
    })
  const part = (body: string) =>
    `--b\nContent-Disposition: form-data; name="file"; filename="n.txt"\nContent-Type: text/plain\n\n${body}\n--b--\n`
  const good = await form(part('hello'))
  assert.deepEqual([good.statusCode, good.json().file.size, good.json().file.name], [201, 5, 'n.txt'])
  assert.equal((await form(part('x'.repeat(1025)))).statusCode, 413)
  assert.equal((await form(part(''))).statusCode, 400)
  assert.equal((await form('--b--\n')).statusCode, 400)
  clock.move(60_000)
  assert.equal((await form('no boundary at all')).statusCode, 400)
  assert.equal((await form(part('cut').slice(0, 90))).statusCode, 400)
  assert.equal((await raw(app, bob, 'a', Buffer.alloc(1025))).statusCode, 413)
  assert.equal((await raw(app, bob, 'a', Buffer.alloc(1024))).statusCode, 201)
  clock.move(60_000)
  assert.equal((await call(app, bob, 'POST', '/files')).body.error.target, 'name')
  assert.equal(readdirSync(join(folder, 'chat-files', meeting.id)).length, 2)
})

test('a deleted meeting takes its files along, and a sweep finds what a crash left', async (t) => {
  const { app, bob, folder, meeting, context } = await open(t)
  const root = join(folder, 'chat-files')
  const { file } = (await raw(app, bob, 'a.txt', Buffer.from('x'))).json()
  writeFileSync(join(root, meeting.id, `${'0'.repeat(32)}.part`), 'half')
  assert.equal(await context.chatRecords.sweep(), 0, 'an upload may still be under way')
  context.clock.millis = () => Date.now() + 7_200_000
  assert.equal(await context.chatRecords.sweep(), 1)
  assert.deepEqual(readdirSync(join(root, meeting.id)), [file.url.split('/').at(-1)])
  await context.meetings.delete(meeting)
  assert.equal(await context.chatRecords.sweep(), 1)
  assert.deepEqual(readdirSync(root), [])
})

test('a person can be erased: text, history, name, reactions, files', async (t) => {
  const { app, ada, bob, context, meeting, organizerId, folder } = await open(t)
  const { id } = (await call(app, ada, 'POST', messages, { text: 'secret' })).body
  await call(app, ada, 'PATCH', `/messages/${id}`, { text: 'secret too' })
  await raw(app, ada, 'secret.txt', Buffer.from('x'))
  const other = (await call(app, bob, 'POST', messages, { text: 'mine' })).body.id
  await call(app, ada, 'PUT', `/messages/${other}/reactions/${encodeURIComponent('👍')}`)
  assert.equal(await context.chatRecords.erase({ userId: organizerId }), 2)
  const left = JSON.stringify(await context.chatRecords.export(meeting.id))
  assert.doesNotMatch(left, /secret|"ada"|👍/)
  assert.match(left, /mine/)
  assert.deepEqual(readdirSync(join(folder, 'chat-files', meeting.id)), [])
  assert.equal(await context.chatRecords.erase({ meetingId: meeting.id, identity: 'id-bob' }), 1)
  assert.doesNotMatch(JSON.stringify(await context.chatRecords.export(meeting.id)), /mine|bob/)
})

test('many writers at once each get an id of their own, in order', async (t) => {
  const { context, meeting } = await open(t)
  const people = Array.from({ length: 100 }, (_, index) => ({
    identity: `p${index}`,
    name: `p${index}`,
    userId: null,
    kind: 'guest' as const,
  }))
  const sent = await Promise.all(people.map((person) => context.chat.post(meeting, person, { content: person.name })))
  const ids = sent.map(({ id }) => id)
  assert.equal(new Set(ids).size, 100)
  assert.deepEqual([...ids].sort(), ids)
})

test('nothing that is sent makes the chat fail', async (t) => {
  const { app, ada, clock } = await open(t)
  const { id } = (await call(app, ada, 'POST', messages, { text: 'x' })).body
  const part = fc.oneof(
    fc.constantFrom(id, 'messages', 'files', 'reactions', '..', '%2e', '👍', ''),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )
  const member = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constantFrom(id, null, '\ud800', '%'))
  const body = fc.oneof(
    fc
      .record({ text: member, replyTo: member, mentions: fc.oneof(member, fc.array(member)) }, { requiredKeys: [] })
      .map((each) => JSON.stringify(each)),
    fc.string({ unit: 'binary' }),
  )
  const type = fc.constantFrom(
    'application/json',
    'application/json; charset=latin1',
    'text/plain',
    'multipart/form-data',
    'multipart/form-data; boundary=b',
    'multipart/mixed',
    'x',
  )
  const method = fc.constantFrom('GET', 'POST', 'PATCH', 'PUT', 'DELETE')
  await fc.assert(
    fc.asyncProperty(
      method,
      fc.array(part, { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('before', 'limit', 'search', 'name'), fc.string()),
      body,
      type,
      async (verb, path, query, payload, contentType) => {
        clock.move(10_000)
        const url = `/api/chat/${path.map((each) => encodeURIComponent(each.toWellFormed())).join('/')}?${new URLSearchParams(query)}`
        const headers: Headers = verb === 'GET' ? ada : { ...ada, 'content-type': contentType }
        const answer = await app.inject({ method: verb as 'GET', url, headers, ...(verb === 'GET' ? {} : { payload }) })
        assert.ok(answer.statusCode < 500, `${verb} ${url} ${payload}: ${answer.statusCode} ${answer.body}`)
      },
    ),
    { numRuns: 400 },
  )
})
