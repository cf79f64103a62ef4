// tier: quick, 24 s
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { Graph } from '../lib/graph.ts'
import { outsideAppId } from '../lib/issuer.ts'
import { Person } from '../lib/person.ts'
import { clientOf, inMinutes, makeMeeting, openScene, type Scene, type Subscription } from './lib.ts'

let scene: Scene
before(async () => {
  scene = await openScene()
})
after(async () => scene.close())

async function subscribe(chatId: string, path: string, more: Record<string, unknown> = {}): Promise<Subscription> {
  const client = clientOf(scene.server, await scene.issuer.app(['Chat.Read.All']))
  return client.api('/subscriptions').post({
    ...{ changeType: 'created,updated,deleted', resource: `/chats/${chatId}/messages`, clientState: 'state' },
    ...{ notificationUrl: `${scene.receiver.url}${path}`, expirationDateTime: inMinutes(30), ...more },
  })
}

test('messages written, changed and deleted are told in order, encrypted for the receiver, with a token that proves the sender', async () => {
  const { server, receiver } = scene
  const { chatId } = await makeMeeting(server)
  const made = await subscribe(chatId, '/rich', {
    ...{ includeResourceData: true, encryptionCertificate: receiver.encryption.der, encryptionCertificateId: 'cert-1' },
  })
  assert.equal(made.changeType, 'created,updated,deleted')
  const zoe = await Person.ask(server.dev.baseUrl, chatId, 'Zoë')
  const { id } = (await zoe.call('POST', '/api/chat/messages', { text: 'uno' })).body
  await zoe.call('PATCH', `/api/chat/messages/${id}`, { text: 'dos' })
  await zoe.call('DELETE', `/api/chat/messages/${id}`)
  const told = await receiver.notifications(3, '/rich')
  const resource = `chats('${chatId}')/messages('${id}')`
  for (const item of told) {
    const { id: own, encryptedContent, changeType, ...rest } = item
    assert.match(own, /^[0-9a-f-]{36}$/)
    assert.deepEqual(rest, {
      ...{ subscriptionId: made.id, subscriptionExpirationDateTime: made.expirationDateTime, clientState: 'state' },
      ...{ tenantId: server.dev.tenantId, resource },
      resourceData: { '@odata.type': '#microsoft.graph.chatMessage', '@odata.id': resource, id },
    })
    assert.equal(encryptedContent.encryptionCertificateId, 'cert-1')
    assert.ok(changeType)
  }
  assert.deepEqual(
    told.map(({ changeType }) => changeType),
    ['created', 'updated', 'deleted'],
  )
  const messages = told.map(({ encryptedContent }) => receiver.decrypt(encryptedContent))
  assert.deepEqual(
    messages.map(({ body }) => (body as { content: string }).content),
    ['uno', 'dos', ''],
  )
  assert.equal((messages[0]!.from as { user: { displayName: string } }).user.displayName, 'Zoë')
  const { body, headers } = receiver.received.find(({ path }) => path === '/rich')!
  assert.match(String(headers['content-type']), /^application\/json\b/)
  const keys = createRemoteJWKSet(new URL(`${server.dev.baseUrl}/${server.dev.tenantId}/discovery/v2.0/keys`))
  const { payload } = await jwtVerify(body.validationTokens![0]!, keys, { audience: outsideAppId })
  assert.deepEqual([payload.appid, payload.tid], ['0bf30f3b-4a52-48df-9a82-234910c4a086', server.dev.tenantId])
})

test('a subscription without resource data is told what, not which words', async () => {
  const { server, receiver } = scene
  const { chatId } = await makeMeeting(server)
  await subscribe(chatId, '/plain', { changeType: 'created' })
  const zoe = await Person.ask(server.dev.baseUrl, chatId, 'Zoë')
  const { id } = (await zoe.call('POST', '/api/chat/messages', { text: 'confidential' })).body
  await zoe.call('PATCH', `/api/chat/messages/${id}`, { text: 'changed' })
  await zoe.call('POST', '/api/chat/messages', { text: 'second' })
  const told = await receiver.notifications(2, '/plain')
  assert.deepEqual(
    told.map(({ changeType }) => changeType),
    ['created', 'created'],
  )
  const wire = JSON.stringify(receiver.received.filter(({ path }) => path === '/plain').map(({ body }) => body))
  assert.doesNotMatch(wire, /confidential|encryptedContent|validationTokens/)
})

test('a receiver that fails is tried again with the same notices in the same order', async () => {
  const { server, receiver } = scene
  const { chatId } = await makeMeeting(server)
  await subscribe(chatId, '/flaky', { changeType: 'created' })
  const zoe = await Person.ask(server.dev.baseUrl, chatId, 'Zoë')
  let refused = 0
  receiver.answers = { notification: ({ path }) => (path === '/flaky' && refused++ < 2 ? 503 : 202) }
  const ids: string[] = []
  for (const text of ['one', 'two', 'three']) ids.push((await zoe.call('POST', '/api/chat/messages', { text })).body.id)
  const unique = await receiver.until(() => {
    const accepted = receiver.received.filter(({ path }) => path === '/flaky').slice(2)
    const items = accepted.flatMap(({ body }) => body.value)
    return items.length >= 3 ? items : undefined
  })
  receiver.answers = {}
  assert.deepEqual(
    unique.map(({ resourceData }) => resourceData.id),
    ids,
  )
  const tries = receiver.received.filter(({ path }) => path === '/flaky').map(({ body }) => body.value[0]!.id)
  assert.deepEqual([tries[0], tries[1]], [tries[2], tries[2]], 'the head of the queue keeps its id and its place')
})

test('what was not delivered when the server died is delivered by the next one', async () => {
  const { receiver } = scene
  const { chatId } = await makeMeeting(scene.server)
  await subscribe(chatId, '/restart', { changeType: 'created' })
  const zoe = await Person.ask(scene.server.dev.baseUrl, chatId, 'Zoë')
  let down = true
  receiver.answers = { notification: ({ path }) => (path === '/restart' && down ? 'silence' : 202) }
  const ids: string[] = []
  for (const text of ['a', 'b']) ids.push((await zoe.call('POST', '/api/chat/messages', { text })).body.id)
  await receiver.until(() => receiver.received.find(({ path }) => path === '/restart'))
  await scene.server.kill()
  down = false
  const before = receiver.received.length
  scene.server = await scene.server.restart()
  const told = await receiver.until(() => {
    const items = receiver.received.slice(before).flatMap(({ body }) => body.value)
    return items.length >= 2 ? items : undefined
  })
  receiver.answers = {}
  assert.deepEqual(
    told.map(({ resourceData }) => resourceData.id),
    ids,
  )
})

test('the client is reminded before the end, and told when the chat is gone', async () => {
  const { server, receiver } = scene
  const { chatId, id } = await makeMeeting(server)
  const made = await subscribe(chatId, '/changes', {
    ...{ lifecycleNotificationUrl: `${receiver.url}/life`, expirationDateTime: new Date(Date.now() + 24_000).toISOString() },
  })
  const [reminder] = await receiver.notifications(1, '/life')
  assert.deepEqual(reminder, {
    ...{ subscriptionId: made.id, subscriptionExpirationDateTime: made.expirationDateTime, clientState: 'state' },
    ...{ tenantId: server.dev.tenantId, lifecycleEvent: 'reauthorizationRequired' },
  })
  assert.equal((await (await Graph.of(server)).send('DELETE', `/beta/app/onlineMeetings/${id}`)).status, 204)
  const all = await receiver.notifications(2, '/life')
  assert.equal(all[1]!.lifecycleEvent, 'subscriptionRemoved')
  const client = clientOf(server, await scene.issuer.app(['Chat.Read.All']))
  await assert.rejects(client.api(`/subscriptions/${made.id}`).get(), { statusCode: 404 })
})
