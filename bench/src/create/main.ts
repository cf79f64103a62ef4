// npm run bench -- create: what creating and getting a meeting costs, beside a bare route, in one run on one machine.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { drive, type Measured } from '../lib/load.ts'
import { median, type Running, residentMiB, root, start, startParley, temporaryFolder } from '../lib/process.ts'
import { fill } from './fill.ts'

const quick = process.argv.includes('quick')
const rounds = quick ? 1 : 3
const seconds = quick ? 2 : 4
const million = quick ? 20_000 : 1_000_000

interface Dev {
  tokenUrl: string
  clientId: string
  clientSecret: string
  users: { id: string }[]
}

const devOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'dev.json'), 'utf8')) as Dev

async function tokenOf(folder: string): Promise<string> {
  const { tokenUrl, clientId, clientSecret } = devOf(folder)
  const scope = 'https://graph.microsoft.com/.default'
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope })
  const answer = (await (await fetch(tokenUrl, { method: 'POST', body })).json()) as { access_token: string }
  return answer.access_token
}

const bodyOf = (folder: string) => ({
  meetingType: 'meetNow',
  participants: { organizer: { identity: { user: { id: devOf(folder).users[0]!.id } } } },
  subject: 'subject-value',
})

/** Take turns, so that whatever else the machine does falls on all alike; the middle of the rounds counts. */
async function takeTurns(contenders: Record<string, () => Promise<Measured>>): Promise<Record<string, Measured>> {
  const seen: Record<string, Measured[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(contenders)) {
      const measured = await run()
      if (round > 0 || rounds === 1) seen[name]!.push(measured)
      console.error(`${name}: ${measured.perSecond.toFixed(0)} a second, p99 ${measured.p99Ms} ms`)
    }
  return Object.fromEntries(
    Object.entries(seen).map(([name, list]) => [
      name,
      { perSecond: median(list.map(({ perSecond }) => perSecond)), p99Ms: median(list.map(({ p99Ms }) => p99Ms)) },
    ]),
  )
}

async function withServers<T>(starts: Promise<Running>[], work: (servers: Running[]) => Promise<T>): Promise<T> {
  const servers = await Promise.all(starts)
  try {
    return await work(servers)
  } finally {
    for (const server of servers) await server.stop()
  }
}

async function beside(): Promise<Record<string, Measured>> {
  const folder = temporaryFolder()
  const bareFolder = temporaryFolder()
  await (await startParley(bareFolder)).stop()
  return withServers(
    [
      startParley(folder),
      start('bench/src/create/bare-server.ts', [bareFolder, 'durable']),
      start('bench/src/create/bare-server.ts', [bareFolder, 'memory']),
    ],
    async ([parley, durable, memory]) => {
      const token = await tokenOf(folder)
      const bareToken = await offlineToken(bareFolder)
      const body = bodyOf(folder)
      const post = (url: string, bearer: string) => () =>
        drive({ url, method: 'POST', token: bearer, body, seconds, expect: 201 })
      return takeTurns({
        parley: post(`${parley!.url}/beta/app/onlineMeetings`, token),
        'bare, durable': post(`${durable!.url}/meetings`, bareToken),
        'bare, no storage': post(`${memory!.url}/meetings`, bareToken),
      })
    },
  )
}

/** A token of a folder whose server does not run: start it for a moment. */
async function offlineToken(folder: string): Promise<string> {
  const server = await startParley(folder)
  try {
    return await tokenOf(folder)
  } finally {
    await server.stop()
  }
}

async function crowded(): Promise<Record<string, Measured>> {
  const folders = [temporaryFolder(), temporaryFolder()] as const
  const ids: string[][] = []
  for (const [index, folder] of folders.entries()) {
    const server = await startParley(folder)
    await create(server.url, await tokenOf(folder), folder)
    await server.stop()
    ids.push(fill(folder, index === 0 ? 1_000 : million))
  }
  return withServers(
    folders.map((each) => startParley(each)),
    async ([few, many]) => {
      const tokens = [await tokenOf(folders[0]), await tokenOf(folders[1])] as const
      const path = '/beta/app/onlineMeetings'
      const post = (url: string, index: 0 | 1) => () =>
        drive({ url: url + path, method: 'POST', token: tokens[index], body: bodyOf(folders[index]), seconds, expect: 201 })
      const get = (url: string, index: 0 | 1) => () =>
        drive({
          url: `${url}${path}/${ids[index]![Math.floor(Math.random() * ids[index]!.length)]}`,
          token: tokens[index],
          seconds,
          expect: 200,
        })
      return takeTurns({
        'create, few': post(few!.url, 0),
        'create, many': post(many!.url, 1),
        'get, few': get(few!.url, 0),
        'get, many': get(many!.url, 1),
      })
    },
  )
}

async function create(url: string, token: string, folder: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${url}/beta/app/onlineMeetings`, { method: 'POST', headers, body: JSON.stringify(bodyOf(folder)) })
  if (answer.status !== 201) throw new Error(`create answered ${answer.status}`)
}

async function atRest() {
  const folder = temporaryFolder()
  await (await startParley(folder)).stop()
  const figures = { parleyMs: [] as number[], bareMs: [] as number[], parleyMiB: [] as number[], bareMiB: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    const parley = await startParley(folder)
    figures.parleyMs.push(parley.startMs)
    figures.parleyMiB.push(residentMiB(parley.child.pid!))
    await parley.stop()
    const bare = await start('bench/src/create/bare-server.ts', [folder, 'idle'])
    figures.bareMs.push(bare.startMs)
    figures.bareMiB.push(residentMiB(bare.child.pid!))
    await bare.stop()
  }
  return Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)])) as Record<
    keyof typeof figures,
    number
  >
}

const first = await beside()
const second = await crowded()
const rest = await atRest()
const ratio = (a: number, b: number) => (a / b).toFixed(2)
const line = (name: string, { perSecond, p99Ms }: Measured) => `| ${name} | ${perSecond.toFixed(0)} | ${p99Ms} |`
const report = `# Benchmarks: creating and getting meetings

Made by \`npm run bench -- create\` on ${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}. The contenders take turns,
${rounds} rounds of ${seconds} s each, the first to warm up; the middle of the rest counts. 32 connections, the load from a process of
its own on the same machine. Only ratios of one run mean anything elsewhere.

## Create, beside a bare Fastify route
The bare route verifies the same token with jose on each request and stores the same row through the same writer (SQLite,
WAL, \`synchronous = FULL\`), without validation, shape, headers, errors or metrics.

| contender | requests a second | p99 ms |
| --- | --- | --- |
${Object.entries(first)
  .map(([name, measured]) => line(name, measured))
  .join('\n')}

Parley to bare, durable: **${ratio(first.parley!.perSecond, first['bare, durable']!.perSecond)}** (aim: 0.8 or more).
Parley to bare, no storage: ${ratio(first.parley!.perSecond, first['bare, no storage']!.perSecond)}.

## ${million.toLocaleString('en')} stored meetings against 1,000

| operation | requests a second | p99 ms |
| --- | --- | --- |
${Object.entries(second)
  .map(([name, measured]) => line(name, measured))
  .join('\n')}

Time of a create, many to few: **${ratio(second['create, few']!.perSecond, second['create, many']!.perSecond)}**;
of a get: **${ratio(second['get, few']!.perSecond, second['get, many']!.perSecond)}** (aim: 1.2 or less).

## At rest

| | Parley | bare Fastify | ratio |
| --- | --- | --- | --- |
| start to ready, ms | ${rest.parleyMs.toFixed(0)} | ${rest.bareMs.toFixed(0)} | ${ratio(rest.parleyMs, rest.bareMs)} |
| resident memory, MiB | ${rest.parleyMiB.toFixed(0)} | ${rest.bareMiB.toFixed(0)} | ${ratio(rest.parleyMiB, rest.bareMiB)} |
`
if (!quick) writeFileSync(join(root, 'docs', 'benchmarks.md'), report)
console.log(report)
