// tier: quick, 4 s, shared
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Graph } from '../lib/graph.ts'
import { type Server, sharedServer } from '../lib/server.ts'

let server: Server
let graph: Graph
before(async () => {
  server = await sharedServer()
  graph = await Graph.of(server)
})
after(() => server[Symbol.asyncDispose]())

async function open(url: string, language = 'en') {
  const answer = await fetch(url, { headers: { 'Accept-Language': language } })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    visible: text.replace(/<script[\s\S]*?<\/script>|<noscript>[\s\S]*?<\/noscript>|<[^>]+>/g, ' '),
  }
}

test('joinUrl opens the page of the meeting', async () => {
  const meeting = await graph.create({
    subject: 'Quarterly sales numbers',
    startDateTime: '2030-05-01T09:00:00Z',
    endDateTime: '2030-05-01T10:00:00Z',
  })
  const page = await open(meeting.joinUrl as string)
  assert.equal(page.status, 200)
  assert.match(page.text, /<html lang="en">/)
  const { participantPasscode, tollNumber } = meeting.audioConferencing as Record<string, string>
  for (const shown of ['Quarterly sales numbers', 'Heidi Steen', 'Not started yet', 'May 1, 2030', tollNumber!])
    assert.ok(page.visible.includes(shown), shown)
  assert.ok(page.visible.replaceAll(' ', '').includes(participantPasscode!))
  assert.ok(page.text.includes(`href="tel:${tollNumber},,${participantPasscode}%23"`))
})

test('the address that is printed at the start leads to the page that asks for a code', async () => {
  const page = await open(server.url)
  assert.equal(page.status, 200)
  assert.match(page.text, /"page":"join"/)
})

test('in Spanish by Accept-Language or ?lang=', async () => {
  const { joinUrl } = (await graph.create({ subject: 'Ventas' })) as { joinUrl: string }
  for (const page of [
    await open(joinUrl, 'fr;q=0.9, es-MX;q=0.8, en;q=0.1'),
    await open(`${joinUrl}&lang=es`),
    await open(`${joinUrl}&lang=es`, 'en'),
  ]) {
    assert.match(page.text, /<html lang="es">/)
    assert.ok(page.visible.includes('Abierta ahora'))
    assert.ok(page.visible.includes('Unirse por teléfono'))
  }
  assert.match((await open(joinUrl, 'de')).text, /<html lang="en">/)
})

test('states: cancelled, expired, unknown', async () => {
  const cancelled = await graph.create({ subject: 'Called off' })
  await graph.send('PATCH', `/beta/app/onlineMeetings/${cancelled.id}`, { isCancelled: true })
  const first = await open(cancelled.joinUrl as string)
  assert.equal(first.status, 410)
  assert.match(first.visible, /This meeting was cancelled/)
  assert.doesNotMatch(first.visible, /Join by phone/)
  const yesterday = new Date(Date.now() - 86_400_000).toISOString()
  const expired = await graph.create({ expirationDateTime: yesterday })
  const second = await open(expired.joinUrl as string)
  assert.equal(second.status, 410)
  assert.match(second.visible, /expired/)
  for (const url of [
    (cancelled.joinUrl as string).replace('meeting_', 'meeting_X'),
    `${server.dev.baseUrl}/l/meetup-join/19%3ameeting_${Buffer.from(crypto.randomUUID()).toString('base64')}%40thread.v2/0`,
    `${server.dev.baseUrl}/l/meetup-join/x/0`,
  ]) {
    const unknown = await open(url)
    assert.equal(unknown.status, 404)
    assert.match(unknown.visible, /leads to no meeting/)
  }
})

test('the link works with today’s thread suffix, other encodings and without its context', async () => {
  const { joinUrl } = (await graph.create({ subject: 'Same door' })) as { joinUrl: string }
  const bare = joinUrl.split('?')[0]!
  for (const url of [
    bare,
    bare.replace('thread.skype', 'thread.v2'),
    bare.replace('%3a', ':').replace('%40', '@'),
    bare.replace('%3a', '%3A'),
  ])
    assert.ok((await open(url)).visible.includes('Same door'), url)
})

test('a subject is text, never markup', async () => {
  const subject = '<script>alert(1)</script>"\'&<img src=x onerror=alert(1)></title></script><!--'
  const { joinUrl } = (await graph.create({ subject })) as { joinUrl: string }
  const page = await open(joinUrl)
  assert.ok(!page.text.includes('<script>alert'))
  assert.ok(!page.text.includes('<img'))
  assert.ok(page.text.includes('&lt;script&gt;alert(1)&lt;/script&gt;'))
})

test('pages come under a strict policy', async () => {
  const { joinUrl } = (await graph.create()) as { joinUrl: string }
  const { headers } = await open(joinUrl)
  const policy = headers.get('content-security-policy')!
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self'(;|$)/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.doesNotMatch(policy, /unsafe|https?:\/\/(?!localhost)/)
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
})

test('dialinUrl opens the numbers with the passcode', async () => {
  const { audioConferencing } = (await graph.create()) as { audioConferencing: Record<string, string> }
  const page = await open(audioConferencing.dialinUrl!, 'es')
  assert.equal(page.status, 200)
  assert.ok(page.visible.includes(audioConferencing.tollNumber!))
  assert.ok(page.visible.replaceAll(' ', '').includes(audioConferencing.participantPasscode!))
  for (const keys of ['*6', '*5', '*1']) assert.ok(page.visible.includes(keys), `the page names ${keys}`)
  assert.equal((await open(`${server.dev.baseUrl}/dialin/00000000-0000-4000-8000-000000000000?id=1234567`)).status, 404)
  const odd = await open(audioConferencing.dialinUrl!.replace(/id=.*/, 'id=<script>'))
  assert.equal(odd.status, 200)
  assert.ok(!odd.text.includes('<script>'))
})
