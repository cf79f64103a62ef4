// npm run bench -- graph: what the operations of today's Graph cost, beside the bare routes of the create bench.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { median, root, start, startParley, temporaryFolder } from '../lib/process.ts'
import { driveSteps, type Step } from './drive.ts'

const quick = process.argv.includes('quick')
const rounds = quick ? 1 : 4
const seconds = quick ? 1 : 3
const meetings = 256

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
  return ((await (await fetch(tokenUrl, { method: 'POST', body })).json()) as { access_token: string }).access_token
}

interface Made {
  id: string
  joinWebUrl: string
}

async function makeMeetings(url: string, token: string, under: string): Promise<Made[]> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const one = async () => {
    const answer = await fetch(url + under, { method: 'POST', headers, body: JSON.stringify({ subject: 'bench' }) })
    if (answer.status !== 201) throw new Error(`create answered ${answer.status}`)
    return (await answer.json()) as Made
  }
  return Promise.all(Array.from({ length: meetings }, one))
}

const folder = temporaryFolder()
const bareFolder = temporaryFolder()
const bareParley = await startParley(bareFolder)
const bareToken = await tokenOf(bareFolder)
await bareParley.stop()
const servers = [
  await startParley(folder),
  await start('bench/src/create/bare-server.ts', [bareFolder, 'durable']),
  await start('bench/src/create/bare-server.ts', [bareFolder, 'memory']),
] as const
const [parley, durable, memory] = servers
const token = await tokenOf(folder)
const under = `/v1.0/users/${devOf(folder).users[0]!.id}/onlineMeetings`
const made = await makeMeetings(parley.url, token, under)
const create = { subject: 'bench' }
const batch = {
  requests: Array.from({ length: 20 }, (_, index) => ({
    ...{ id: String(index), method: 'POST', url: under.slice('/v1.0'.length), body: create },
    headers: { 'Content-Type': 'application/json' },
  })),
}
let key = 0
const fresh = (): Step => ({ method: 'POST', path: `${under}/createOrGet`, body: { externalId: `k${key++}-${process.pid}` } })
const bare: Step = { method: 'POST', path: '/meetings', body: create }

const contenders: Record<string, () => Promise<number>> = {
  'bare, durable': () => driveSteps({ url: durable.url, token: bareToken, steps: [bare], seconds }),
  'bare, no storage': () => driveSteps({ url: memory.url, token: bareToken, steps: [bare], seconds }),
  create: () => on([{ method: 'POST', path: under, body: create }]),
  get: () => on(made.map(({ id }) => ({ method: 'GET', path: `${under}/${id}` }))),
  'filter by link': () =>
    on(
      made.map(({ joinWebUrl }) => ({
        method: 'GET',
        path: `${under}?$filter=${encodeURIComponent(`JoinWebUrl eq '${joinWebUrl}'`)}`,
      })),
    ),
  update: () => on(made.map(({ id }) => ({ method: 'PATCH', path: `${under}/${id}`, body: { subject: 'changed' } }))),
  'createOrGet, there': () => on([{ method: 'POST', path: `${under}/createOrGet`, body: { externalId: 'one' } }]),
  'createOrGet, new': () => on(Array.from({ length: 4096 }, fresh)),
  '$batch of 20 creates': () => on([{ method: 'POST', path: '/v1.0/$batch', body: batch }]),
}

function on(steps: readonly Step[]): Promise<number> {
  return driveSteps({ url: parley.url, token, steps, seconds })
}

const seen: Record<string, number[]> = {}
try {
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(contenders)) {
      const perSecond = await run()
      // The first round warms up; taking turns lets everything else on the machine fall on all alike.
      if (round > 0 || rounds === 1) seen[name] = [...(seen[name] ?? []), perSecond]
      console.error(`${name}: ${perSecond.toFixed(0)} a second`)
    }
} finally {
  for (const server of servers) await server.stop()
}

const figures = Object.fromEntries(Object.entries(seen).map(([name, list]) => [name, median(list)]))
const ratio = (name: string, base: string) => (figures[name]! / figures[base]!).toFixed(2)
const rows = Object.keys(contenders).map(
  (name) => `| ${name} | ${figures[name]!.toFixed(0)} | ${ratio(name, 'bare, durable')} | ${ratio(name, 'bare, no storage')} |`,
)
const perCreate = (figures['$batch of 20 creates']! * 20) / figures.create!
const report = `# Benchmarks: today's Graph

Made by \`npm run bench -- graph\` on ${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}. The contenders take turns,
${rounds} rounds of ${seconds} s each, the first to warm up; the middle of the rest counts. 32 connections, the load from a process of its
own on the same machine. The bare routes are those of the create bench: a Fastify route that verifies the same token with
jose and stores the same row (durable), or does not (no storage). Only ratios of one run mean anything elsewhere.

| operation | requests a second | to bare, durable | to bare, no storage |
| --- | --- | --- | --- |
${rows.join('\n')}

A \`$batch\` of 20 creates makes **${perCreate.toFixed(2)}** times the meetings a second that single creates make (aim: more than 1).
`
if (!quick) writeFileSync(join(root, 'docs', 'benchmarks-graph.md'), report)
console.log(report)
