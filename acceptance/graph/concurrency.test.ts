// tier: quick, 5 s, shared
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { Graph } from '../lib/graph.ts'
import { type Server, sharedServer } from '../lib/server.ts'

let server: Server
let graph: Graph
let under: string
before(async () => {
  server = await sharedServer()
  graph = await Graph.of(server)
  under = `/v1.0/users/${server.dev.users[0]!.id}/onlineMeetings`
})
after(async () => server[Symbol.asyncDispose]())

/** A request on a connection of its own. */
function alone(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const call = request(
      `${server.dev.baseUrl}${path}`,
      {
        method,
        agent: false,
        headers: { Authorization: `Bearer ${graph.token}`, 'Content-Type': 'application/json', Connection: 'close', ...headers },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) as Record<string, unknown> }))
      },
    )
    call.on('error', reject)
    call.end(JSON.stringify(body))
  })
}

test('createOrGet, 50 at once over connections of their own: one 201, 49 times 200, one meeting', async () => {
  for (const externalId of ['first', "o'second; drop table meetings"]) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => alone('POST', `${under}/createOrGet`, { externalId, subject: `${index}` })),
    )
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [...Array(49).fill(200), 201])
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
    assert.equal(new Set(answers.map(({ body }) => body.subject)).size, 1)
  }
})

test('createOrGet: the key is the user and the external id; the rest of the body is ignored the second time', async () => {
  const [one, two] = [server.dev.users[0]!, server.dev.users[1]!]
  const make = (user: string, body: unknown) => alone('POST', `/v1.0/users/${user}/onlineMeetings/createOrGet`, body)
  const first = await make(one.id, { externalId: 'shared', startDateTime: '2027-03-01T10:00:00Z' })
  assert.deepEqual([first.status, first.body.endDateTime], [201, '2027-03-01T11:00:00Z'])
  assert.equal((await make(two.id, { externalId: 'shared' })).status, 201)
  const again = await make(one.id, { externalId: 'shared', endDateTime: '2020-01-01T00:00:00Z', subject: 'no' })
  assert.deepEqual([again.status, again.body.id, again.body.subject], [200, first.body.id, null])
  assert.equal((await make(one.id, { externalId: 'new', endDateTime: '2027-01-01T00:00:00Z' })).status, 400)
  assert.equal((await make(one.id, { subject: 'no key' })).status, 400)
})

test('two changes with one ETag: one is made, the other gets 412', async () => {
  const made = await graph.create({}, under)
  const etag = String(made['@odata.etag'])
  for (const [a, b] of [
    ['a', 'b'],
    ['c', 'd'],
  ]) {
    const current = (await graph.send('GET', `${under}/${made.id}`)).headers.get('etag')!
    const answers = await Promise.all(
      [a, b].map((subject) => alone('PATCH', `${under}/${made.id}`, { subject }, { 'If-Match': current })),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412])
  }
  const stale = await alone('PATCH', `${under}/${made.id}`, { subject: 'late' }, { 'If-Match': etag })
  assert.equal(stale.status, 412)
})

test('without If-Match, twenty changes of different members at once all hold', async () => {
  const made = await graph.create({}, under)
  const members = ['allowRecording', 'allowWhiteboard', 'allowTranscription', 'allowBreakoutRooms', 'allowTeamworkReactions']
  const answers = await Promise.all(members.map((name) => alone('PATCH', `${under}/${made.id}`, { [name]: false })))
  assert.ok(answers.every(({ status }) => status === 200))
  const { body } = await graph.send('GET', `${under}/${made.id}`)
  for (const name of members) assert.equal(body[name], false, name)
})
