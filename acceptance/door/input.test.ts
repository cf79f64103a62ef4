// tier: full, 20 s
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

test('guessing of codes and passcodes is throttled by address and by meeting, counted, and stops nobody who has the link', async () => {
  const house = await House.open({ env: proxied })
  try {
    const ask = async (address: string, code: unknown, more: Record<string, unknown> = { code }) => {
      const headers = { 'x-forwarded-for': `198.51.100.99, ${address}` }
      return house.person().send('POST', '/api/door/ask', { name: 'Eve', ...more }, headers)
    }
    const counts = async () => {
      const metrics = await (await fetch(`${house.server.url}/metrics`)).text()
      const count = (outcome: string) =>
        Number(new RegExp(`parley_door_code_tries_total\\{outcome="${outcome}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0)
      return { wrong: count('wrong'), throttled: count('throttled'), right: count('right') }
    }
    const meeting = await house.meeting({ accessLevel: 'everyone' })
    const link = { threadId: meeting.threadId, messageId: '0' }

    const inARow: number[] = []
    for (let guess = 0; guess < 30; guess++)
      inARow.push((await ask('203.0.113.1', { meetingId: String(100_000_000_000 + guess), passcode: 'x' })).status)
    assert.deepEqual(inARow.slice(0, 10), Array(10).fill(404), 'the first ten are looked up')
    const through = inARow.slice(10).filter((status) => status !== 429).length
    assert.ok(through <= 3, `of the next twenty ${through} were looked up`)
    const right = await ask('203.0.113.1', { meetingId: meeting.code })
    assert.equal(right.status, 429, 'the right code is no way around the throttle')
    assert.ok(Number(right.headers.get('retry-after')) >= 1)
    assert.deepEqual(await counts(), { wrong: 10 + through, throttled: 21 - through, right: 0 })
    assert.equal((await ask('203.0.113.2', { meetingId: meeting.code })).status, 201, 'another address is not stopped')

    const atOnce = await Promise.all(
      Array.from({ length: 60 }, (_, guess) => ask('203.0.113.3', { meetingId: String(200_000_000_000 + guess) })),
    )
    const looked = atOnce.filter(({ status }) => status === 404).length
    assert.ok(looked >= 1 && looked <= 12, `${looked} of sixty at once were looked up`)

    const user = house.server.dev.users[0]!.id
    const made = await house.graph.send('POST', `/v1.0/users/${user}/onlineMeetings`, {
      subject: 'With a passcode',
      lobbyBypassSettings: { scope: 'everyone' },
      joinMeetingIdSettings: { isPasscodeRequired: true },
    })
    const { joinMeetingId, passcode } = made.body.joinMeetingIdSettings as { joinMeetingId: string; passcode: string }
    const before = await counts()
    const byMany = await Promise.all(
      Array.from({ length: 80 }, (_, guess) => ask(`192.0.2.${guess}`, { meetingId: joinMeetingId, passcode: `${guess}wrong` })),
    )
    const wrong = byMany.filter(({ body }) => body.error?.code === 'PasscodeWrong').length
    assert.ok(wrong >= 50 && wrong <= 52, `${wrong} passcodes of one meeting were tried from eighty addresses`)
    const after = await counts()
    assert.deepEqual([after.wrong - before.wrong, after.throttled - before.throttled], [wrong, 80 - wrong])
    assert.equal((await ask('192.0.2.200', { meetingId: joinMeetingId, passcode })).status, 429)
    const { threadId } = made.body.chatInfo as { threadId: string }
    assert.equal((await ask('192.0.2.1', undefined, { link: { threadId, messageId: '0' } })).status, 201)
    assert.equal((await ask('192.0.2.1', { meetingId: meeting.code })).status, 201, 'another meeting is not stopped')

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

test('without a trusted proxy nobody gets around the throttle by saying where they are from', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 30 }, (_, guess) =>
      house
        .person()
        .send(
          'POST',
          '/api/door/ask',
          { code: { meetingId: String(300_000_000_000 + guess) }, name: 'Eve' },
          { 'x-forwarded-for': `203.0.113.${guess}` },
        ),
    ),
  )
  assert.ok(statuses.filter(({ status }) => status === 404).length <= 12)
})
