// npm run bench -- door: five hundred people ask at once, two hundred wait, and "admit all" is clicked.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Visitor } from '../../../acceptance/people/lib/visitor.ts'
import { median, residentMiB, root, startParley, temporaryFolder } from '../lib/process.ts'
import { Participant } from '../media/participant.ts'
import { DoorVisitor } from './visitor.ts'

const quick = process.argv.includes('quick')
const inside = quick ? 30 : 300
const outside = quick ? 20 : 200
const rounds = quick ? 1 : 3

interface Dev {
  tokenUrl: string
  clientId: string
  clientSecret: string
  users: { id: string; upn: string; password: string }[]
}

interface Figures {
  ask: number[]
  token: number[]
  media: number[]
  answerMs: number
  lobbyEvents: number
  lobbyKiB: number
  usableMs: number[]
}

const p99 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1]!
const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const scope = 'https://graph.microsoft.com/.default'

interface House {
  url: string
  pid: number
  cookie: string
  headers: Record<string, string>
  organizer: unknown
  stop(): Promise<void>
}

/** A server of its own for each round: the throttles of asking are not what is measured. */
async function open(): Promise<House> {
  const folder = temporaryFolder()
  const parley = await startParley(folder)
  const dev = JSON.parse(readFileSync(join(folder, 'dev.json'), 'utf8')) as Dev
  const credentials = { grant_type: 'client_credentials', client_id: dev.clientId, client_secret: dev.clientSecret, scope }
  const answer = await fetch(dev.tokenUrl, { method: 'POST', body: new URLSearchParams(credentials) })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  const visitor = new Visitor(parley.url)
  await visitor.signIn(dev.users[0]!)
  return {
    url: parley.url,
    pid: parley.child.pid!,
    cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    organizer: { identity: { user: { id: dev.users[0]!.id } } },
    stop: () => parley.stop(),
  }
}

async function graph(house: House, method: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${house.url}/beta/app/onlineMeetings${path}`, {
    method,
    headers: house.headers,
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${method} was answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json().catch(() => ({}))) as Record<string, unknown>
}

/** Everybody asks for a meeting nobody is in yet, at the same moment. */
async function rush(house: House): Promise<number[]> {
  const made = await graph(house, 'POST', '', {
    meetingType: 'meetNow',
    accessLevel: 'everyone',
    participants: { organizer: house.organizer },
  })
  const { threadId } = made.chatInfo as { threadId: string }
  const people = Array.from({ length: inside + outside }, () => new DoorVisitor(house.url))
  const times = await Promise.all(people.map((person, index) => timed(() => person.ask(threadId, `Rushes ${index}`))))
  await graph(house, 'PATCH', `/${String(made.id)}`, { isCancelled: true })
  return times
}

async function round(house: House): Promise<Figures> {
  const ask = await rush(house)
  const made = await graph(house, 'POST', '', {
    meetingType: 'meetNow',
    accessLevel: 'everyone',
    participants: { organizer: house.organizer },
  })
  const { threadId } = made.chatInfo as { threadId: string }
  const admitter = new DoorVisitor(house.url, house.cookie)
  await admitter.ask(threadId, '')
  await admitter.listen()

  const people = Array.from({ length: inside + outside }, () => new DoorVisitor(house.url))
  const first = people.slice(0, inside)
  const late = people.slice(inside)
  await Promise.all(first.map((person, index) => person.ask(threadId, `Guest ${index}`)))
  await graph(house, 'PATCH', `/${String(made.id)}`, { accessLevel: 'invited' })
  await Promise.all(late.map((person, index) => person.ask(threadId, `Waits ${index}`)))
  await Promise.all(people.map((person) => person.listen()))

  const before = { events: admitter.events.get('lobby') ?? 0, bytes: admitter.bytes }
  const usableMs: number[] = []
  let clicking = true
  const clicks = (async () => {
    while (clicking) {
      usableMs.push(await timed(() => admitter.post('/api/room/lobby/message', { text: 'Soon', id: 'nobody' })))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  const began = performance.now()
  const media: number[] = []
  const joined: Participant[] = []
  const entering = late.map(async (person) => {
    await person.admitted
    const tokenAt = performance.now() - began
    const participant = new Participant(person.identity, person.media!.url, person.media!.token)
    joined.push(participant)
    await participant.joined()
    media.push(performance.now() - began)
    return tokenAt
  })
  const answerMs = await timed(() => admitter.post('/api/room/lobby/admit-all'))
  const tokenTimes = await Promise.all(entering)
  clicking = false
  await clicks
  const figures = {
    ...{ ask, token: tokenTimes, media, answerMs, usableMs },
    lobbyEvents: (admitter.events.get('lobby') ?? 0) - before.events,
    lobbyKiB: (admitter.bytes - before.bytes) / 1024,
  }
  for (const participant of joined) participant.leave()
  for (const person of [admitter, ...people]) person.stop()
  await graph(house, 'PATCH', `/${String(made.id)}`, { isCancelled: true })
  return figures
}

const found: Figures[] = []
let memory = 0
for (let index = 0; index < rounds; index++) {
  const house = await open()
  let figures: Figures
  try {
    figures = await round(house)
    memory = residentMiB(house.pid)
  } finally {
    await house.stop()
  }
  found.push(figures)
  const { ask, token: tokens, media, usableMs } = figures
  process.stderr.write(
    `round ${index + 1}: ask p99 ${p99(ask).toFixed(0)} ms, token p99 ${p99(tokens).toFixed(0)} ms, in the media room p99 ${p99(media).toFixed(0)} ms, click p99 ${p99(usableMs).toFixed(0)} ms\n`,
  )
}

const middle = (pick: (figures: Figures) => number) => median(found.map(pick)).toFixed(0)
const rows = [
  [`${inside + outside} people ask at once: p99 of one answer`, `${middle(({ ask }) => p99(ask))} ms`],
  [`"admit all" of ${outside}: the answer to the click`, `${middle(({ answerMs }) => answerMs)} ms`],
  ['until each has a media token by their event stream: p99', `${middle(({ token: tokens }) => p99(tokens))} ms`],
  ['until each has been let into the media room: p99', `${middle(({ media }) => p99(media))} ms`],
  ['another click of the admitting page meanwhile: p99', `${middle(({ usableMs }) => p99(usableMs))} ms`],
  [
    'lists of the lobby sent to that page meanwhile',
    `${middle(({ lobbyEvents }) => lobbyEvents)} (${middle(({ lobbyKiB }) => lobbyKiB)} KiB in all)`,
  ],
  ['memory of the server process at the end', `${memory.toFixed(0)} MiB`],
]
const text = `# The door under load

Written by \`npm run bench -- door\`: medians of ${rounds} rounds on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}),
the people driven from the same machine, every one with an open event stream. ${inside} are in, ${outside} wait, then "admit all".
"Let into the media room" is LiveKit's join answer, while the two hundred who were answered do ICE and DTLS on the same cores;
media itself is measured in benchmarks-media.md.

| | |
| --- | --- |
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`
process.stdout.write(text)
if (!quick) writeFileSync(join(root, 'docs/benchmarks-door.md'), text)
process.exit()
