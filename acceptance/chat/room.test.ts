// tier: quick, 8 s
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Graph } from '../lib/graph.ts'
import { Person } from '../lib/person.ts'
import { type Server, startServer } from '../lib/server.ts'

let server: Server
before(async () => {
  server = await startServer({ env: { PARLEY_CHAT_FILE_LIMIT: '64k' } })
})
after(async () => server[Symbol.asyncDispose]())

async function makeMeeting(members: Record<string, unknown> = {}) {
  const graph = await Graph.of(server)
  const made = await graph.create({ meetingType: 'recurring', ...members })
  const { threadId } = made.chatInfo as { threadId: string }
  return { graph, id: made.id as string, threadId: threadId.replace('thread.skype', 'thread.v2') }
}

test('people in a meeting see each other’s messages live, late comers see them all, and nobody else any', async () => {
  const { threadId } = await makeMeeting()
  const zoe = await Person.ask(server.dev.baseUrl, threadId, 'Zoë')
  const bob = await Person.ask(server.dev.baseUrl, threadId, 'Bob')
  await Promise.all([zoe.listen(), bob.listen()])
  const said = await zoe.call('POST', '/api/chat/messages', { text: 'Hola 👋 https://example.org/?a=1&b=2' })
  const mine = await zoe.next(({ event }) => event === 'chat')
  const theirs = await bob.next(({ event }) => event === 'chat')
  const from = (event: typeof mine) => (event.data.message as { from: { you: boolean } }).from.you
  assert.deepEqual([from(mine), from(theirs)], [true, false])
  assert.deepEqual((theirs.data.message as { id: string; text: string }).text, said.body.text)
  const late = await Person.ask(server.dev.baseUrl, threadId, 'Late')
  const list = await late.call('GET', '/api/chat/messages')
  assert.deepEqual([list.body.messages.length, list.body.messages[0]?.from.name], [1, 'Zoë'])
  const elsewhere = await Person.ask(server.dev.baseUrl, (await makeMeeting()).threadId, 'Mallory')
  assert.deepEqual((await elsewhere.call('GET', '/api/chat/messages')).body.messages, [])
  assert.equal((await elsewhere.call('DELETE', `/api/chat/messages/${said.body.id}`)).status, 404)
  zoe.close()
  bob.close()
})

test('files travel whole over HTTP, as attachments, to this meeting’s people', async () => {
  const { threadId, id, graph } = await makeMeeting()
  const zoe = await Person.ask(server.dev.baseUrl, threadId, 'Zoë')
  const bob = await Person.ask(server.dev.baseUrl, threadId, 'Bob')
  const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * 7) % 256))
  const form = new FormData()
  form.append('file', new Blob([bytes], { type: 'image/svg+xml' }), 'dibujo ñ.svg')
  const sent = await fetch(`${server.dev.baseUrl}/api/chat/files`, { method: 'POST', headers: zoe.headers, body: form })
  assert.equal(sent.status, 201)
  const { file } = (await sent.json()) as { file: { name: string; size: number; url: string } }
  assert.deepEqual([file.name, file.size], ['dibujo ñ.svg', bytes.length])
  const got = await fetch(`${server.dev.baseUrl}${file.url}`, { headers: bob.headers })
  assert.deepEqual(Buffer.from(await got.arrayBuffer()), bytes)
  assert.equal(got.headers.get('content-type'), 'application/octet-stream')
  assert.match(got.headers.get('content-disposition') ?? '', /^attachment; /)
  assert.equal(got.headers.get('x-content-type-options'), 'nosniff')
  assert.equal((await fetch(`${server.dev.baseUrl}${file.url}`)).status, 401)
  const large = await fetch(`${server.dev.baseUrl}/api/chat/files?name=big`, {
    ...{ method: 'POST', headers: { ...zoe.headers, 'content-type': 'application/pdf' }, body: Buffer.alloc(3_000_000) },
  })
  assert.equal(large.status, 413)
  assert.equal(((await large.json()) as { error: { code: string } }).error.code, 'TooLarge')
  const folder = join(server.dataFolder, 'chat-files')
  const [only] = readdirSync(folder).filter((name) => readdirSync(join(folder, name)).length > 0)
  assert.deepEqual(readdirSync(join(folder, only!)).length, 1, 'nothing of the refused one is left')
  assert.equal((await graph.send('DELETE', `/beta/app/onlineMeetings/${id}`)).status, 204)
  assert.equal((await zoe.call('GET', '/api/chat/messages')).body.error.code, 'AdmissionEnded')
  for (let tries = 0; existsSync(join(folder, only!)) && tries < 200; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(existsSync(join(folder, only!)), false, 'a deleted meeting leaves no files')
})

test('what was written survives the death of the server', async () => {
  const { threadId } = await makeMeeting()
  const zoe = await Person.ask(server.dev.baseUrl, threadId, 'Zoë')
  const sent = await zoe.call('POST', '/api/chat/messages', { text: 'before' })
  await server.kill()
  server = await server.restart()
  const list = await zoe.call('GET', '/api/chat/messages')
  assert.equal(list.status, 200)
  assert.deepEqual(
    list.body.messages.map(({ id }: { id: string }) => id),
    [sent.body.id],
  )
  const again = await zoe.call('POST', '/api/chat/messages', { text: 'after' })
  assert.ok(again.body.id > sent.body.id)
})

test('a cancelled meeting shuts its chat', async () => {
  const { threadId, id, graph } = await makeMeeting()
  const zoe = await Person.ask(server.dev.baseUrl, threadId, 'Zoë')
  assert.equal((await graph.send('PATCH', `/beta/app/onlineMeetings/${id}`, { isCancelled: true })).status, 200)
  const refused = await zoe.call('POST', '/api/chat/messages', { text: 'x' })
  assert.equal(refused.body.error.code, 'AdmissionEnded')
})
