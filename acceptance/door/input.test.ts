// tier: quick, 8 s
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { House } from './lib/house.ts'
import { Person } from './lib/person.ts'

let house: House
before(async () => {
  house = await House.open()
})
after(() => house?.close())

test('names: 10,000 characters and nothing at all are refused by name, tricks with direction and invisibility are taken out', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  for (const name of ['a'.repeat(10_000), '', '   ', '\u200b\u202e', null, 7, {}]) {
    const { status, body } = await house.person().ask(meeting.threadId, name as string)
    assert.deepEqual([status, body.error?.code, body.error?.target], [400, 'InvalidArgument', 'name'], String(name).slice(0, 20))
  }
  const shown = async (name: string) => (await house.person().ask(meeting.threadId, name)).body.admission?.name
  assert.equal(await shown('\u202eneetS idieH\u202c'), 'neetS idieH')
  assert.equal(await shown('Hei\u200bdi\u2060 \u0007Steen\n'), 'Heidi Steen')
  assert.equal(await shown('علی'), 'علی')
})

test('what is malformed is refused and says where', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const link = { threadId: meeting.threadId, messageId: '0' }
  const cases: [unknown, number, string, string?][] = [
    ['{', 400, 'InvalidArgument'],
    ['[]', 400, 'InvalidArgument'],
    ['{"name":"a","name":"b"}', 400, 'InvalidArgument'],
    [{}, 400, 'InvalidArgument', 'link'],
    [{ link, code: { meetingId: '1' }, name: 'A' }, 400, 'InvalidArgument', 'link'],
    [{ link: 'x', name: 'A' }, 400, 'InvalidArgument', 'link'],
    [{ link: { threadId: 5 }, name: 'A' }, 400, 'InvalidArgument', 'threadId'],
    [{ link: { threadId: '19:meeting_x@thread.v2' }, name: 'A' }, 404, 'MeetingNotFound', 'link.threadId'],
    [{ code: { meetingId: 'abc' }, name: 'A' }, 400, 'InvalidArgument', 'code.meetingId'],
    [{ link, name: 'A', lang: 5 }, 400, 'InvalidArgument', 'lang'],
    [{ link, name: 'A', invitation: 'forged.token' }, 403, 'InvitationWrong', 'invitation'],
  ]
  for (const [sent, status, code, target] of cases) {
    const { status: found, body } = await house.person().post('/api/door/ask', sent)
    assert.deepEqual([found, body.error?.code, body.error?.target], [status, code, target], JSON.stringify(sent))
  }
  const large = await house.person().post('/api/door/ask', { link, name: 'A', lang: 'x'.repeat(100_000) })
  assert.deepEqual([large.status, large.body.error?.code], [413, 'RequestTooLarge'])
  const form = await house
    .person()
    .send('POST', '/api/door/ask', 'name=A', { 'content-type': 'application/x-www-form-urlencoded' })
  assert.deepEqual([form.status, form.body.error?.code], [415, 'UnsupportedMediaType'])
})

test('a signed-in browser asks only with the header no other site can send', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const member = await house.member(1)
  const { 'x-parley-csrf': _, ...headers } = member.headers
  const response = await fetch(`${house.server.url}/api/door/ask`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ link: { threadId: meeting.threadId }, name: 'A' }),
  })
  assert.equal(response.status, 403)
})

/** A server behind a proxy on this machine: it says where each request is from. */
const proxied = { PARLEY_TRUSTED_PROXIES: '127.0.0.0/8,::1' }

test('whoever is behind a trusted proxy is sent to the public address', async () => {
  const house = await House.open({ env: proxied })
  try {
    const meeting = await house.meeting({ accessLevel: 'everyone' })
    const link = { threadId: meeting.threadId, messageId: '0' }
    const byAddress = new Person({ ...house.server, url: house.server.url.replace('localhost', '127.0.0.1') })
    const urls: string[] = []
    for (const headers of [{}, { 'x-forwarded-for': '203.0.113.1' }] as Record<string, string>[]) {
      const { body } = await byAddress.send('POST', '/api/door/ask', { name: 'Grace', link }, headers)
      urls.push(new URL(body.media!.url).hostname)
    }
    assert.deepEqual(urls, ['127.0.0.1', 'localhost'], 'who comes by the proxy is sent to the public address')
  } finally {
    await house.close()
  }
})
