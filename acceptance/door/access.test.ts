import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parley } from '../lib/cli.ts'
import { Visitor } from '../people/lib/visitor.ts'
import { House, type TestMeeting } from './lib/house.ts'
import type { Person } from './lib/person.ts'

// docs/access.md is what these tests find: every cell is asked through the real API of a real server.
// UPDATE_ACCESS=1 writes it anew.
const file = fileURLToPath(new URL('../../docs/access.md', import.meta.url))

const levels = ['everyone', 'sameEnterprise', 'sameEnterpriseAndFederated', 'invited', 'locked'] as const
const columns = [...levels, 'everyone, room locked by hand'] as const

const outsider = 'olivia@elsewhere.example'
const foreigner = { upn: 'fred@foreign.example', password: '' }

let house: House
const coorganizer = () => house.server.dev.users[1]!
const colleague = { upn: 'carl@parley.example', password: '' }
const invited = { upn: 'ivy@parley.example', password: '' }
let attendees: unknown[]

before(async () => {
  house = await House.open()
  const { server } = house
  const ok = async (...args: string[]) => {
    const { code, stdout, stderr } = await parley(server, ...args, '--json')
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout) as { password: string }
  }
  await ok('tenant', 'create', '--domain', 'foreign.example', '--name', 'Foreign')
  for (const [person, tenant] of [
    [colleague, 'parley.example'],
    [invited, 'parley.example'],
    [foreigner, 'foreign.example'],
  ] as const)
    person.password = (
      await ok('user', 'create', '--upn', person.upn, '--name', person.upn, '--tenant', tenant, '--password')
    ).password
  attendees = [
    { identity: { user: { id: coorganizer().id } }, upn: coorganizer().upn, role: 'coorganizer' },
    { upn: invited.upn, role: 'attendee' },
    { upn: outsider, role: 'attendee' },
  ]
})
after(() => house?.close())

const sessions = new Map<string, [string, string][]>()

async function signedIn(user: { upn: string; password: string }): Promise<Person> {
  let cookies = sessions.get(user.upn)
  if (cookies === undefined) {
    const visitor = new Visitor(house.server.url)
    await visitor.signIn(user)
    cookies = [...visitor.cookies].filter(([name]) => name.includes('session'))
    assert.equal(cookies.length, 1, `${user.upn} is signed in`)
    sessions.set(user.upn, cookies)
  }
  const person = house.person()
  for (const [name, value] of cookies) person.cookies.set(name, value)
  return person
}

interface Who {
  who: string
  person(): Promise<Person>
  /** What they send besides the name. */
  more?(meeting: TestMeeting & { invitation: string }): Record<string, unknown>
  headers?(): Record<string, string>
}

const who: Who[] = [
  { who: 'organizer', person: () => signedIn(house.server.dev.users[0]!) },
  { who: 'coorganizer', person: () => signedIn(coorganizer()) },
  { who: 'invited colleague', person: () => signedIn(invited) },
  { who: 'colleague', person: () => signedIn(colleague) },
  { who: 'person of another tenant', person: () => signedIn(foreigner) },
  { who: 'invited outsider (personal link)', person: async () => house.person(), more: ({ invitation }) => ({ invitation }) },
  { who: 'guest', person: async () => house.person() },
  {
    who: 'application of the tenant (bearer token)',
    person: async () => house.person(),
    headers: () => ({ authorization: `Bearer ${house.graph.token}` }),
  },
]

const ways = {
  link: (meeting: TestMeeting) => ({ link: { threadId: meeting.threadId, messageId: '0' } }),
  'code and passcode': (meeting: TestMeeting) => ({ code: { meetingId: meeting.code } }),
}

async function meetingOf(column: (typeof columns)[number]): Promise<TestMeeting & { invitation: string }> {
  const level = column === 'everyone, room locked by hand' ? 'everyone' : column
  const meeting = await house.meeting({ accessLevel: level }, attendees)
  await house.patch(meeting, { accessLevel: level })
  await setRoles(meeting)
  const organizer = await house.organizer(meeting)
  if (level !== column) await organizer.post('/api/room/lock')
  const { invitations } = (await organizer.send('GET', '/api/room/invitations')).body as {
    invitations: { address: string; link: string }[]
  }
  assert.deepEqual(
    invitations.map(({ address }) => address),
    [outsider],
  )
  return { ...meeting, invitation: new URL(invitations[0]!.link).searchParams.get('invitation')! }
}

/** The 2018 page has no roles; today's contract gives them. */
async function setRoles(meeting: TestMeeting): Promise<void> {
  const base = `/v1.0/users/${house.server.dev.users[0]!.id}/onlineMeetings`
  const filter = encodeURIComponent(`JoinWebUrl eq '${meeting.joinUrl}'`)
  const found = await house.graph.send('GET', `${base}?$filter=${filter}`)
  const { id } = (found.body.value as { id: string }[])[0]!
  const patched = await house.graph.send('PATCH', `${base}/${encodeURIComponent(id)}`, { participants: { attendees } })
  assert.equal(patched.status, 200, patched.text)
}

/** What the answer to asking says, and that a media token goes with being in and with nothing else. */
async function outcome(each: Who, meeting: TestMeeting & { invitation: string }, way: keyof typeof ways): Promise<string> {
  const person = await each.person()
  const headers = each.headers?.() ?? {}
  const answer = await person.send(
    'POST',
    '/api/door/ask',
    { ...ways[way](meeting), name: each.who, ...each.more?.(meeting) },
    headers,
  )
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  person.admission = answer.body.admission
  const { state, reason, role } = answer.body.admission!
  const token = await person.post('/api/door/media-token')
  assert.equal(token.status === 200, state === 'admitted')
  return state === 'admitted' ? `in, ${role}` : `${state}: ${reason}`
}

test('docs/access.md says what the door does', { timeout: 300_000 }, async () => {
  const meetings = new Map<string, TestMeeting & { invitation: string }>()
  for (const column of columns) meetings.set(column, await meetingOf(column))
  const entries: string[][] = []
  for (const each of who)
    for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
      const cells = [each.who, way]
      for (const column of columns) cells.push(await outcome(each, meetings.get(column)!, way))
      entries.push(cells)
    }
  const powers = await powersTable()
  await house.dismiss()
  const text = document(entries, powers)
  if (process.env.UPDATE_ACCESS === '1') writeFileSync(file, text)
  assert.equal(
    readFileSync(file, 'utf8'),
    text,
    'docs/access.md is not what the server does; run with UPDATE_ACCESS=1 and read the difference',
  )
})

/** Each thing that can be done in a room, tried by each role. */
async function powersTable(): Promise<string[][]> {
  const acts: [string, (actor: Person, target: Person, waiting: Person) => Promise<{ status: number }>][] = [
    ['see who waits', (actor) => actor.send('GET', '/api/room/lobby')],
    ['write to who waits', (actor) => actor.post('/api/room/lobby/message', { text: 'Soon' })],
    ['let in', (actor, _target, waiting) => actor.post(`/api/room/lobby/${waiting.admission!.id}/admit`)],
    ['mute an attendee', (actor, target) => actor.post(`/api/room/participants/${target.identity}/mute`)],
    ['stop a share', (actor, target) => actor.post(`/api/room/participants/${target.identity}/stop-share`)],
    ['mute all', (actor) => actor.post('/api/room/mute-all')],
    [
      'forbid or allow microphone, camera, share, chat, reactions',
      (actor) => actor.send('PATCH', '/api/room/policy', { allowCamera: true }),
    ],
    [
      'make presenter or attendee',
      (actor, target) => actor.post(`/api/room/participants/${target.identity}/role`, { role: 'attendee' }),
    ],
    [
      'make coorganizer',
      (actor, target) => actor.post(`/api/room/participants/${target.identity}/role`, { role: 'coorganizer' }),
    ],
    ['lock and unlock', (actor) => actor.post('/api/room/unlock')],
    [
      'remove an attendee',
      (actor, target) => actor.post(`/api/room/participants/${target.identity}/remove`, { mayReturn: true }),
    ],
    ['see personal links', (actor) => actor.send('GET', '/api/room/invitations')],
    ['end for all', (actor) => actor.post('/api/room/end')],
  ]
  const actors: [string, () => Promise<Person>][] = [
    ['organizer', () => signedIn(house.server.dev.users[0]!)],
    ['coorganizer', () => signedIn(coorganizer())],
    ['presenter', () => signedIn(colleague)],
    ['attendee', async () => house.person()],
  ]
  const rows = acts.map(([name]) => [name])
  for (const [role, come] of actors)
    for (const [index, [, act]] of acts.entries()) {
      const meeting = await house.meeting({ accessLevel: 'everyone' }, attendees)
      await setRoles(meeting)
      const actor = await come()
      const { body } = await actor.ask(meeting.threadId, role)
      assert.equal(body.admission?.role, role)
      const target = house.person()
      await target.ask(meeting.threadId, 'Target')
      await house.patch(meeting, { accessLevel: 'invited' })
      const waiting = house.person()
      await waiting.ask(meeting.threadId, 'Waits')
      const { status } = await act(actor, target, waiting)
      assert.ok(status < 300 || status === 403, `${role}: ${rows[index]![0]}: ${status}`)
      rows[index]!.push(status < 300 ? 'yes' : 'no')
    }
  return rows
}

function document(entries: string[][], powers: string[][]): string {
  return `# Who may enter, and who may do what

Written by \`acceptance/door/access.test.ts\`, which asks every cell through the API of a running server and fails when
this page says anything else (\`UPDATE_ACCESS=1\` writes it anew). The rules themselves are in
\`apps/server/src/rooms/rules.ts\` and \`policy.ts\`.

## Entering, by access level

\`accessLevel\` is today's \`lobbyBypassSettings.scope\` under its name of 2018: everyone = everyone, sameEnterprise =
organization, sameEnterpriseAndFederated = organizationAndFederated, invited = invited, locked = organizer.
People named among the attendees as coorganizer enter as organizers do. Who waits is let in by hand, or by itself once
the rules allow it. A media token goes with being in, and with nothing else.

${table(['who', 'way in', ...columns], entries)}
Not in the table, because it is the same in every cell: somebody removed without return is denied by every way in
(\`removed\`); a cancelled, expired or deleted meeting lets nobody in; a reload or a reconnect is the same admission
as before, whatever the access level says by then.

Telephones ask at the same door: with everyone, or with \`isDialInBypassEnabled\` in every level but locked, they
enter; else they wait (\`apps/server/src/rooms/rules.test.ts\`).

## In the room, by role

With \`allowedLobbyAdmitters\` at its default; when it says organizerAndCoOrganizers, and in a meeting that is locked,
presenters neither see nor open the lobby.

${table(['', 'organizer', 'coorganizer', 'presenter', 'attendee'], powers)}
Nobody but organizers does anything to an organizer. Attendees speak, show and share as far as the policy allows it,
in a broadcast not at all; the media server holds them to it as well.
`
}

function table(head: string[], rows: string[][]): string {
  return `${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}
