import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { TestChatAccess } from '../../../test/test-chat.ts'
import { openGraph, type TestGraph } from '../../../test/test-graph.ts'
import type { MeetingOptions } from '../../meetings/meeting.ts'
import { chatIdOf } from './shape.ts'

async function open(t: TestContext, options: MeetingOptions = {}) {
  const graph: TestGraph = await openGraph(t)
  const { context, ada, ben } = graph
  const admissions = new TestChatAccess()
  context.chatAccess = admissions
  const attendees = [{ identity: { user: { id: ben.id } }, upn: ben.upn }]
  const draft = { tenantId: ada.tenantId, organizerId: ada.id, meetingType: 'recurring' as const, attendees, options }
  const meeting = await context.meetings.create(draft)
  const path = `/chats/${encodeURIComponent(chatIdOf(meeting))}/messages`
  const tokens = {
    ada: await graph.userToken(ada, 'Chat.ReadWrite'),
    ben: await graph.userToken(ben, 'Chat.ReadWrite'),
  }
  const say = (who: 'ada' | 'ben', content: string) =>
    graph.call('POST', path, { body: { body: { content } }, token: tokens[who] })
  const texts = async (who: 'ada' | 'ben') => {
    const { body } = await graph.call('GET', path, { token: tokens[who] })
    return (body.value as { body: { content: string } }[]).map((each) => each.body.content)
  }
  return { graph, context, admissions, meeting, path, tokens, say, texts, ben }
}

test('limited chat is open while a call goes on, disabled chat never', async (t) => {
  const { context, meeting, say, texts } = await open(t, { allowMeetingChat: 'limited' })
  let isLive = false
  context.attendance = { ...context.attendance, isLive: async () => isLive }
  assert.equal((await say('ada', 'early')).status, 403)
  isLive = true
  assert.equal((await say('ada', 'during')).status, 201)
  isLive = false
  assert.equal((await say('ada', 'late')).status, 403)
  assert.deepEqual(await texts('ben'), ['during'])
  await context.meetings.update(meeting.id, { options: { allowMeetingChat: 'disabled' } })
  assert.equal((await say('ada', 'never')).status, 403)
  await context.meetings.update(meeting.id, { options: {}, cancelled: true })
  assert.equal((await say('ada', 'cancelled')).status, 403)
})

test('a meeting that keeps its history shows the invited only what was said since they came', async (t) => {
  const { context, meeting, admissions, say, texts, ben, graph, path, tokens } = await open(t, {
    shareMeetingChatHistoryDefault: 'none',
  })
  const { body } = await say('ada', 'before')
  assert.deepEqual(await texts('ben'), [])
  const admittedAt = context.clock.now()
  admissions.admit(meeting, 'ben', { userId: ben.id, admittedAt })
  while (context.clock.now() === admittedAt) await new Promise((resolve) => setImmediate(resolve))
  await say('ada', 'after')
  assert.deepEqual(await texts('ben'), ['after'])
  assert.deepEqual(await texts('ada'), ['after', 'before'])
  assert.equal((await graph.call('GET', `${path}/${body.id}`, { token: tokens.ben })).status, 404)
})

test('somebody sent out for good reads and writes no more, though invited', async (t) => {
  const { admissions, say, graph, path, tokens, ben } = await open(t)
  assert.equal((await say('ben', 'x')).status, 201)
  admissions.keptOut.add(ben.id)
  assert.equal((await say('ben', 'x')).status, 403)
  assert.equal((await graph.call('GET', path, { token: tokens.ben })).status, 403)
})
