// tier: quick, 10 s, ROUNDS=3
// tier: full, 60 s, ROUNDS=20
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Graph, organizedBy } from '../lib/graph.ts'
import { startServer } from '../lib/server.ts'

const rounds = Number(process.env.ROUNDS ?? 20)
const clients = 12
/** How many answers a round waits for before the kill; another number each time, so that it falls at different moments. */
const answersBeforeKill = (round: number) => 5 + round * 7

test('killed during load, again and again: every meeting whose 201 was received is there afterwards', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'parley-'))
  const received: string[] = []
  for (let round = 0; round < rounds; round++) {
    const server = await startServer({ dataFolder })
    const graph = new Graph(server, (await Graph.of(server)).token)
    const body = { participants: organizedBy(server.dev.users[0]!.id), subject: `round ${round}` }
    let answers = 0
    let killed: Promise<void> | undefined
    const load = async () => {
      while (killed === undefined) {
        const answer = await graph.send('POST', '/beta/app/onlineMeetings', body).catch(() => undefined)
        if (answer === undefined) return
        assert.equal(answer.status, 201, answer.text)
        received.push(answer.body.id as string)
        answers += 1
        if (answers === answersBeforeKill(round)) killed = server.kill()
      }
    }
    await Promise.all(Array.from({ length: clients }, load))
    await killed
  }
  await using server = await startServer({ dataFolder })
  const graph = await Graph.of(server)
  const lost: string[] = []
  const left = [...received]
  const look = async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const found = await graph.send('GET', `/beta/app/onlineMeetings/${id}`)
      if (found.status !== 200) lost.push(id)
    }
  }
  await Promise.all(Array.from({ length: clients }, look))
  assert.deepEqual(lost, [])
  assert.ok(received.length >= rounds * 5)
  assert.equal(new Set(received).size, received.length)
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})
