// tier: quick, 25 s, COUNT=1000
// tier: release, 3600 s, alone, COUNT=1000000
// Whatever reaches the telephone's and the media's side, nothing falls, and nothing holds an event loop up.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { childrenOf } from '../lib/processes.ts'
import { appToken, type Server } from '../lib/server.ts'
import { campaign, type Target, watchedServer } from './lib/campaign.ts'
import { datagramTarget, signalTarget } from './lib/media.ts'
import { sipTarget } from './lib/sip.ts'

let server: Server
let stalls: (since: number) => number
let mediaPort: number

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

before(async () => {
  mediaPort = await freeUdpPort()
  const env = { PARLEY_SIP_PORT: '0', PARLEY_MEDIA_PORT: `${mediaPort}`, PARLEY_LOG_LEVEL: 'error' }
  ;({ server, stalls } = await watchedServer({ env }))
})
after(() => server?.[Symbol.asyncDispose]())

/** A meeting anybody may enter: its thread, and the telephone side's port. */
async function openMeeting(): Promise<{ threadId: string; sipPort: number }> {
  const response = await fetch(`${server.url}/v1.0/users/${server.dev.users[0]!.id}/onlineMeetings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await appToken(server.dev)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: 'Fuzz', lobbyBypassSettings: { scope: 'everyone' } }),
  })
  const { chatInfo } = (await response.json()) as { chatInfo: { threadId: string } }
  const asked = await fetch(`${server.url}/api/door/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-parley-csrf': '1' },
    body: JSON.stringify({ link: { threadId: chatInfo.threadId, messageId: '0' }, name: 'Reads the number' }),
  })
  const { meeting } = (await asked.json()) as { meeting: { dialin: { sip: string } } }
  return { threadId: chatInfo.threadId, sipPort: Number(meeting.dialin.sip.split(':').at(-1)) }
}

type Closable = Target & { close(): void }
const targets: Record<string, () => Promise<Closable>> = {
  sip: async () => sipTarget((await openMeeting()).sipPort),
  signal: async () => signalTarget(server.url, (await openMeeting()).threadId),
  datagrams: async () => {
    const signal = await signalTarget(server.url, (await openMeeting()).threadId)
    return datagramTarget(mediaPort, () => signal.isWell())
  },
}

for (const [name, open] of Object.entries(targets))
  test(`fuzz: ${name}`, async (context) => {
    const target = await open()
    try {
      const workers = childrenOf(server.child.pid!, 'worker')
      assert.ok(workers.length > 0, 'a media worker runs')
      const { inputs, began } = await campaign(target)
      const longest = stalls(began)
      context.diagnostic(`${inputs} inputs, event loops held up for ${Math.round(longest)} ms at most`)
      assert.ok(longest < 50, `an event loop was held up for ${longest} ms`)
      assert.equal(server.child.exitCode, null)
      assert.deepEqual(childrenOf(server.child.pid!, 'worker'), workers, 'the media workers are the same')
    } finally {
      target.close()
    }
  })
