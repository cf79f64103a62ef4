import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { errorOf, openGraph } from '../../../test/test-graph.ts'
import { joinUrl } from '../../meetings/links.ts'
import { FanOut } from '../../subscriptions/fan-out.ts'
import type { Post } from '../../subscriptions/post.ts'
import { Subscriptions } from '../../subscriptions/subscriptions.ts'
import { chatIdOf } from '../chats/shape.ts'
import { noticesOf } from './announce.ts'

/** A receiver that agrees to everything and keeps what it is told. */
async function open(t: TestContext) {
  const graph = await openGraph(t, { PARLEY_NOTIFY_PRIVATE: '1' })
  const { context, ada, ben } = graph
  const told: { changeType: string; resource: string }[] = []
  const post: Post = async ({ url, body }) => {
    const token = new URL(url).searchParams.get('validationToken')
    if (token !== null) return { status: 200, contentType: 'text/plain', body: token, retryAfter: undefined }
    told.push(...(JSON.parse(body) as { value: typeof told }).value)
    return { status: 202, contentType: '', body: '', retryAfter: undefined }
  }
  const { db, journal, feed, clock, directory, accessTokens } = context
  context.subscriptions = new Subscriptions({ db, clock, directory, accessTokens, nodeId: 'node', allowPrivate: true, post })
  const problems: unknown[] = []
  const fanOut = new FanOut({
    ...{ db, journal, feed, store: context.subscriptions.store },
    ...{ noticesOf: (event) => noticesOf(event, context), onDeleted: async () => {}, onQueued: () => {} },
    onError: (error) => problems.push(error),
  })
  const settle = () => fanOut.drain()
  const attendees = [{ identity: { user: { id: ben.id } }, upn: ben.upn }]
  const draft = { tenantId: ada.tenantId, organizerId: ada.id, meetingType: 'recurring' as const, attendees }
  const meeting = await context.meetings.create(draft)
  const wanted = (more: Record<string, unknown> = {}) => ({
    ...{ changeType: 'created', resource: `chats/${chatIdOf(meeting)}/messages`, notificationUrl: 'https://r.example/' },
    ...{ expirationDateTime: new Date(Date.now() + 600_000).toISOString(), ...more },
  })
  return { graph, context, meeting, wanted, told, settle, problems, ada, ben }
}

test('an application makes a hundred at once, and is then held back', async (t) => {
  const { graph, context, wanted } = await open(t)
  const token = await graph.appToken('Chat.Read.All')
  const answers = await Promise.all(
    Array.from({ length: 105 }, () => graph.call('POST', '/subscriptions', { body: wanted(), token })),
  )
  const made = answers.filter(({ status }) => status === 201).length
  // One a second comes back while the hundred are made.
  assert.ok(made >= 100 && made <= 104, String(made))
  const refused = answers.find(({ status }) => status === 429)!
  assert.match(refused.headers['Retry-After']!, /^\d+$/)
  const owner = { tenantId: graph.ada.tenantId, appId: graph.application.clientId, creatorId: null }
  const [one] = await context.subscriptions.store.list(owner, { after: '', limit: 1 })
  for (let index = 0; index < 5; index++) await context.subscriptions.store.insert({ ...one!, id: crypto.randomUUID() })
  const page = await graph.call('GET', '/subscriptions', { token })
  assert.equal((page.body.value as unknown[]).length, 100)
  const next = new URL(String(page.body['@odata.nextLink']))
  const rest = await graph.call('GET', `${next.pathname.replace('/v1.0', '')}${next.search}`, { token })
  assert.deepEqual([(rest.body.value as unknown[]).length, rest.body['@odata.nextLink']], [made - 95, undefined])
})

test('one of fifty that ask at once watches the calls of a meeting', async (t) => {
  const { graph, wanted, meeting, context } = await open(t)
  const token = await graph.appToken('OnlineMeetings.Read.All')
  const link = encodeURIComponent(joinUrl(context.config.publicUrl, meeting, 'thread.v2'))
  const body = wanted({
    changeType: 'updated',
    resource: `communications/onlineMeetings(joinWebUrl='${link}')/meetingCallEvents`,
  })
  const answers = await Promise.all(Array.from({ length: 50 }, () => graph.call('POST', '/subscriptions', { body, token })))
  assert.deepEqual(
    [answers.filter(({ status }) => status === 201).length, answers.filter(({ status }) => status === 403).length],
    [1, 49],
  )
  const { id } = answers.find(({ status }) => status === 201)!.body
  assert.equal((await graph.call('DELETE', `/subscriptions/${String(id)}`, { token })).status, 204)
  assert.equal((await graph.call('POST', '/subscriptions', { body, token })).status, 201, 'a deleted one makes room')
})

test('somebody no longer invited is told nothing more', async (t) => {
  const { graph, context, meeting, wanted, told, settle, problems, ada, ben } = await open(t)
  const token = await graph.userToken(ben, 'Chat.Read')
  assert.equal((await graph.call('POST', '/subscriptions', { body: wanted(), token })).status, 201)
  const person = { identity: ada.id, userId: ada.id, name: 'Ada', kind: 'user' as const }
  await context.chat.post(meeting, person, { content: 'one' })
  // What is announced is read when its turn comes, so the first has to be through before the invitation goes.
  await settle()
  await context.meetings.update(meeting.id, { attendees: [] })
  await context.chat.post(meeting, person, { content: 'two' })
  await settle()
  await context.subscriptions.worker.drain()
  assert.deepEqual(problems, [])
  assert.equal(told.length, 1)
})

test('somebody deleted from the directory is told nothing, though the meeting still names them', async (t) => {
  const { graph, context, meeting, wanted, told, settle, ada, ben } = await open(t)
  const token = await graph.userToken(ben, 'Chat.Read')
  assert.equal((await graph.call('POST', '/subscriptions', { body: wanted(), token })).status, 201)
  await context.directory.users.delete(ben.id)
  await context.chat.post(meeting, { identity: ada.id, userId: ada.id, name: 'Ada', kind: 'user' }, { content: 'one' })
  await settle()
  await context.subscriptions.worker.drain()
  assert.deepEqual(told, [])
})

test('whatever is asked for, the answer is a subscription or a refusal in Graph’s form', async (t) => {
  const { graph, wanted } = await open(t)
  const token = await graph.appToken('Chat.Read.All', 'OnlineMeetings.Read.All')
  const names = [
    'changeType',
    'resource',
    'notificationUrl',
    'expirationDateTime',
    'clientState',
    'lifecycleNotificationUrl',
    'includeResourceData',
    'encryptionCertificate',
    'encryptionCertificateId',
    'latestSupportedTlsVersion',
  ]
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.constantFrom('created', 'updated,deleted', '/chats/x/messages', true, '9999-12-31T23:59:59Z'),
  )
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), value), async (more) => {
      const answer = await graph.call('POST', '/subscriptions', { body: wanted(more), token })
      assert.ok([201, 400, 403, 404, 429].includes(answer.status), JSON.stringify([more, answer]))
      if (answer.status !== 201) assert.equal(typeof errorOf(answer).code, 'string')
    }),
    { numRuns: 300 },
  )
})
