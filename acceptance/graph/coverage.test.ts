// tier: quick, 4 s, shared
// docs/api-coverage.md cannot drift: what it says of operations and properties is held against the running server, and
// each test it names must exist.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Graph } from '../lib/graph.ts'
import { type Server, sharedServer } from '../lib/server.ts'

const root = join(import.meta.dirname, '..', '..')
const document = readFileSync(join(root, 'docs', 'api-coverage.md'), 'utf8')

let server: Server
let openApi: { paths: Record<string, Record<string, unknown>>; components: { schemas: Record<string, { properties: object }> } }
before(async () => {
  server = await sharedServer()
  openApi = (await new Graph(server, '').send('GET', '/openapi.json')).body as typeof openApi
})
after(async () => server[Symbol.asyncDispose]())

/** The cells of the rows of a section's tables. */
function rowsOf(heading: string): string[][] {
  const section = document.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0]
  assert.ok(section, heading)
  const lines = section.split('\n').filter((line) => line.startsWith('|') && !/^\|\s*-/.test(line))
  return lines.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const names = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

test('every operation with a tick is served, every other is not, and none is forgotten', () => {
  const listed = new Set<string>()
  for (const [operation, versions, mark] of rowsOf('Operations')) {
    const [method, path] = names(operation!)[0]!.split(' ') as [string, string]
    for (const version of versions!.split(', '))
      for (const each of path.includes('{u}') ? ['/me', '/users/{userId}'].map((user) => path.replace('{u}', user)) : [path]) {
        const served = openApi.paths[`/${version}${each}`]?.[method.toLowerCase()] !== undefined
        assert.equal(served, mark !== '✘', `${method} /${version}${each}`)
        listed.add(`${method} /${version}${each}`)
      }
  }
  for (const [path, methods] of Object.entries(openApi.paths))
    for (const method of Object.keys(methods)) {
      // Chats and subscriptions are described elsewhere.
      if (/\/(chats|subscriptions)(\/|$)/.test(path)) continue
      assert.ok(listed.has(`${method.toUpperCase()} ${path}`), `${method} ${path} is missing in docs/api-coverage.md`)
    }
})

test('every property is listed, and no other', async () => {
  const graph = await Graph.of(server)
  const made = await graph.create({}, `/v1.0/users/${server.dev.users[0]!.id}/onlineMeetings`)
  const answered = Object.keys(made).filter((name) => !name.startsWith('@'))
  const rows = rowsOf('Properties of onlineMeeting')
  const listed = rows.filter(([, , , mark]) => mark !== '✘').flatMap(([property]) => names(property!))
  assert.deepEqual(listed.sort(), answered.sort())
  const patchable = rows.filter(([, , patch]) => patch === 'yes').flatMap(([property]) => names(property!))
  const under = `/v1.0/users/${server.dev.users[0]!.id}/onlineMeetings/${made.id}`
  for (const name of answered) {
    const pair = name.endsWith('DateTime') ? { startDateTime: made.startDateTime, endDateTime: made.endDateTime } : {}
    const answer = await graph.send('PATCH', under, { ...pair, [name]: made[name] })
    assert.equal(answer.status, patchable.includes(name) ? 200 : 400, `${name}: ${answer.text.slice(0, 300)}`)
  }
})

test('every test that is named exists', () => {
  const files = new Set([...document.matchAll(/\(([\w./-]+\.test\.ts)\)/g)].map(([, file]) => file!))
  assert.ok(files.size > 5)
  for (const file of files) assert.ok(existsSync(join(root, 'docs', file)), file)
})
