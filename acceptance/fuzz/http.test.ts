// tier: quick, 20 s, COUNT=1000
// tier: release, 3600 s, alone, COUNT=1000000
// Whatever reaches the HTTP side, nothing falls, nothing answers 5xx, and nothing holds the event loop up.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { appToken, type Server } from '../lib/server.ts'
import { campaign, type Target, watchedServer } from './lib/campaign.ts'
import { doorTarget, oauthTarget } from './lib/forms.ts'
import { graphTarget } from './lib/graph.ts'

let server: Server
let stalls: (since: number) => number
before(async () => {
  ;({ server, stalls } = await watchedServer())
})
after(() => server?.[Symbol.asyncDispose]())

async function openMeeting(): Promise<string> {
  const response = await fetch(`${server.url}/v1.0/users/${server.dev.users[0]!.id}/onlineMeetings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await appToken(server.dev)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: 'Fuzz', lobbyBypassSettings: { scope: 'everyone' } }),
  })
  const meeting = (await response.json()) as { chatInfo: { threadId: string } }
  return meeting.chatInfo.threadId
}

const targets: Record<string, () => Target | Promise<Target>> = {
  graph: () => graphTarget(server),
  oauth: () => oauthTarget(server),
  door: async () => doorTarget(server, await openMeeting()),
}

for (const [name, open] of Object.entries(targets))
  test(`fuzz: ${name}`, async (context) => {
    const target = await open()
    const { inputs, began } = await campaign(target)
    const longest = stalls(began)
    context.diagnostic(`${inputs} inputs, event loop held up for ${Math.round(longest)} ms at most`)
    assert.ok(longest < 50, `the event loop was held up for ${longest} ms`)
    assert.equal(server.child.exitCode, null)
  })
