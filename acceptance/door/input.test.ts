import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { House } from './lib/house.ts'

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

test('guessing of codes and passcodes is throttled by address, counted, and stops nobody who has the link', async () => {
  const house = await House.open()
  try {
    const meeting = await house.meeting({ accessLevel: 'everyone' })
    const statuses: number[] = []
    let retryAfter = 0
    for (let guess = 0; guess < 30; guess++) {
      const answer = await house
        .person()
        .post('/api/door/ask', { code: { meetingId: String(100_000_000_000 + guess), passcode: 'x' }, name: 'Eve' })
      statuses.push(answer.status)
      if (answer.status === 429) retryAfter = Number(answer.headers.get('retry-after'))
    }
    assert.deepEqual(statuses.slice(0, 10), Array(10).fill(404), 'the first ten are looked up')
    const through = statuses.slice(10).filter((status) => status !== 429).length
    assert.ok(through <= 3, `of the next twenty ${through} were looked up`)
    assert.ok(retryAfter >= 1)
    const right = await house.person().post('/api/door/ask', { code: { meetingId: meeting.code }, name: 'Eve' })
    assert.equal(right.status, 429, 'the right code is no way around the throttle')
    assert.equal((await house.person().ask(meeting.threadId, 'Grace')).status, 201)
    const metrics = await (await fetch(`${house.server.url}/metrics`)).text()
    const count = (outcome: string) =>
      Number(new RegExp(`parley_door_code_tries_total\\{outcome="${outcome}"\\} (\\d+)`).exec(metrics)?.[1])
    assert.equal(count('wrong'), 10 + through)
    assert.equal(count('throttled'), 31 - 10 - through)
  } finally {
    await house.close()
  }
})

test('guesses that come all at once count like those in a row', async () => {
  const house = await House.open()
  try {
    const tries = Array.from({ length: 60 }, (_, guess) =>
      house.person().post('/api/door/ask', { code: { meetingId: String(200_000_000_000 + guess) }, name: 'Eve' }),
    )
    const looked = (await Promise.all(tries)).filter(({ status }) => status === 404).length
    assert.ok(looked >= 1 && looked <= 12, `${looked} were looked up`)
  } finally {
    await house.close()
  }
})
