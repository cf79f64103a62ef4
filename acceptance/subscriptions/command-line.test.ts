// tier: quick, 12 s
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Person } from '../door/lib/person.ts'
import { parley } from '../lib/cli.ts'
import { Graph } from '../lib/graph.ts'
import { clientOf, inMinutes, type Made, makeMeeting, openScene, type Scene } from './lib.ts'

let scene: Scene
before(async () => {
  scene = await openScene({
    PARLEY_NOTIFY_PRIVATE: '1',
    // Without the rounds that look at everything every two seconds: what is told is told by the journal.
    NODE_OPTIONS: `--import=${join(import.meta.dirname, '..', 'lib', 'failpoint.ts')}`,
    TICK: 'off',
  })
})
after(async () => scene?.close())

async function subscribe(meeting: Made, path: string): Promise<void> {
  const { server, issuer, receiver } = scene
  const graph = await Graph.of(server)
  const user = server.dev.users[0]!.id
  const link = encodeURIComponent(`'${meeting.joinWebUrl}'`)
  const found = await graph.send('GET', `/v1.0/users/${user}/onlineMeetings?$filter=JoinWebUrl%20eq%20${link}`)
  const [{ id }] = found.body.value as [{ id: string }]
  const client = clientOf(server, await issuer.app(['OnlineMeetings.Read.All', 'Chat.Read.All']))
  const subscription = { notificationUrl: `${receiver.url}${path}`, expirationDateTime: inMinutes(50) }
  await client.api('/subscriptions').post({
    ...{ ...subscription, changeType: 'updated,deleted', resource: `/users/${user}/onlineMeetings/${id}` },
  })
  await client.api('/subscriptions').post({
    ...{ ...subscription, changeType: 'created', resource: `/chats/${meeting.chatId}/messages` },
    lifecycleNotificationUrl: `${receiver.url}${path}-life`,
  })
}

test('a meeting cancelled or deleted on the command line: who subscribed is told, and open pages say so', {
  timeout: 120_000,
}, async () => {
  const { server, receiver } = scene
  for (const [command, reason, told] of [
    ['cancel', 'cancelled', 'updated'],
    ['delete', 'deleted', 'deleted'],
  ] as const) {
    const meeting = await makeMeeting(server)
    await subscribe(meeting, `/${command}`)
    const guest = new Person(server)
    await guest.ask(meeting.chatId, 'Grace')
    await guest.listen()
    const { code, stderr } = await parley(server, 'meeting', command, meeting.id)
    assert.equal(code, 0, stderr)
    await guest.hears('admission', (data) => data.state === 'expired' && data.reason === reason)
    const [item] = await receiver.notifications(1, `/${command}`)
    assert.equal(item!.changeType, told)
    if (command === 'delete') {
      const [life] = await receiver.notifications(1, '/delete-life')
      assert.equal(life!.lifecycleEvent, 'subscriptionRemoved')
    }
    await guest.stop()
  }
})

test('what the command line did while no server ran is told by the next', { timeout: 120_000 }, async () => {
  const meeting = await makeMeeting(scene.server)
  await subscribe(meeting, '/away')
  await scene.server.stop()
  assert.equal((await parley(scene.server, 'meeting', 'cancel', meeting.id)).code, 0)
  assert.equal((await parley(scene.server, 'meeting', 'delete', meeting.id)).code, 0)
  scene.server = await scene.server.restart()
  const told = await scene.receiver.notifications(2, '/away')
  assert.deepEqual(
    told.map(({ changeType }) => changeType),
    ['updated', 'deleted'],
  )
})
