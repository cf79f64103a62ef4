import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fastify from 'fastify'
import { openBench } from '../../test/test-chat.ts'
import { ChatUnits } from './chat-units.ts'
import { chatRoutes } from './routes.ts'

/** A meeting whose chat holds some files already, and people who each send one at the same time. */
async function open(t: TestContext, held: { count: number; size: number }) {
  const bench = await openBench(t, { PARLEY_CHAT_FILE_LIMIT: '1000' })
  const app = fastify()
  await app.register(async (scope) => chatRoutes(scope, bench.context))
  t.after(() => app.close())
  const meeting = await bench.meeting()
  const { chatStore, clock, db, journal } = bench.context
  const units = new ChatUnits(db, journal)
  for (let index = 0; index < held.count; index++) {
    const id = String(index).padStart(13, '0')
    const file = { id: String(index).padStart(32, '0'), name: 'x', size: held.size, type: 'text/plain' }
    const person = { identity: 'id-ada', name: 'ada', userId: null, kind: 'guest' as const }
    const message = {
      ...{ id, meetingId: meeting.id, from: person, text: '', html: null, mentions: [], replyTo: null, file, reactions: [] },
      ...{ createdAt: clock.now(), modifiedAt: clock.now(), editedAt: null, deletedAt: null },
    }
    assert.equal(await units.insert(message, 'x', { count: 1_000, bytes: 1e9 }), true)
  }
  const sendAtOnce = (count: number, bytes: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const headers = bench.admissions.admit(meeting, `guest-${index}`)
        const payload = Buffer.alloc(bytes, 'a')
        return (await app.inject({ method: 'POST', url: '/api/chat/files?name=a.txt', headers, payload })).statusCode
      }),
    )
  return { sendAtOnce, totals: () => chatStore.fileTotals(meeting.id), folder: join(bench.folder, 'chat-files', meeting.id) }
}

test('many files at once do not pass the number a meeting may hold; what is refused is not kept', async (t) => {
  const { sendAtOnce, totals, folder } = await open(t, { count: 495, size: 1 })
  const statuses = await sendAtOnce(15, 10)
  assert.deepEqual((await totals()).count, 500)
  assert.equal(statuses.filter((status) => status === 201).length, 5)
  assert.equal(statuses.filter((status) => status === 413).length, 10)
  assert.equal(readdirSync(folder).length, 5)
})

test('nor the bytes', async (t) => {
  const { sendAtOnce, totals } = await open(t, { count: 48, size: 1_000 })
  await sendAtOnce(15, 900)
  assert.ok((await totals()).bytes <= 50_000, String((await totals()).bytes))
})

test('only some are taken at once', async (t) => {
  const { sendAtOnce } = await open(t, { count: 0, size: 1 })
  const statuses = await sendAtOnce(40, 10)
  assert.equal(statuses.filter((status) => status === 429).length, 20)
})
