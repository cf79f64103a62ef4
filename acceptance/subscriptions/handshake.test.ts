// tier: quick, 7 s
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@microsoft/microsoft-graph-client'
import { clientOf, inMinutes, type Made, makeMeeting, openScene, refusalOf, type Scene, type Subscription } from './lib.ts'

let scene: Scene
let client: Client
let meeting: Made

before(async () => {
  scene = await openScene()
  client = clientOf(scene.server, await scene.issuer.app(['Chat.Read.All', 'OnlineMeetings.Read.All']))
  meeting = await makeMeeting(scene.server)
})
after(async () => scene.close())

const wanted = (more: Record<string, unknown> = {}) => ({
  ...{ changeType: 'created', resource: `/chats/${meeting.chatId}/messages`, clientState: 'my-secret' },
  ...{ notificationUrl: `${scene.receiver.url}/hook`, expirationDateTime: inMinutes(30), ...more },
})
const create = (more?: Record<string, unknown>) => client.api('/subscriptions').post(wanted(more)) as Promise<Subscription>

test('both addresses shake hands before a subscription is made, and its shape is exact', async () => {
  const { receiver, server } = scene
  const expirationDateTime = inMinutes(4_000)
  const notificationUrl = `${receiver.url}/hook?tenant=a%20b`
  const made = await create({ notificationUrl, lifecycleNotificationUrl: `${receiver.url}/life`, expirationDateTime })
  assert.deepEqual(made, {
    '@odata.context': `${server.dev.httpsBaseUrl}/v1.0/$metadata#subscriptions/$entity`,
    ...{ id: made.id, resource: `/chats/${meeting.chatId}/messages`, applicationId: made.applicationId, changeType: 'created' },
    ...{ clientState: 'my-secret', notificationUrl, notificationQueryOptions: null },
    ...{
      lifecycleNotificationUrl: `${receiver.url}/life`,
      expirationDateTime: made.expirationDateTime,
      creatorId: made.creatorId,
    },
    ...{ includeResourceData: false, latestSupportedTlsVersion: 'v1_2', encryptionCertificate: null },
    ...{ encryptionCertificateId: null, notificationUrlAppId: null },
  })
  assert.match(made.id, /^[0-9a-f-]{36}$/)
  assert.equal(Date.parse(made.expirationDateTime), Date.parse(expirationDateTime))
  const paths = receiver.handshakes.map(({ path }) => path.split('?')[0])
  assert.deepEqual(paths.sort(), ['/hook', '/life'])
  for (const { contentType, length, token } of receiver.handshakes) {
    assert.match(contentType ?? '', /^text\/plain\b/)
    assert.equal(length, '0')
    assert.match(token, /Request-Id: [0-9a-f-]{36}$/)
  }
  assert.match(
    receiver.handshakes.find(({ path }) => path.startsWith('/hook'))!.path,
    /^\/hook\?tenant=a(%20|\+)b&validationToken=Validation%3A%20/,
  )
  const got = (await client.api(`/subscriptions/${made.id}`).get()) as Subscription
  assert.deepEqual(got, made)
})

test('an address that does not answer as it should makes no subscription', async () => {
  const { receiver } = scene
  const before = ((await client.api('/subscriptions').get()) as { value: unknown[] }).value.length
  for (const [answer, message] of [
    [{ status: 404 }, /must respond with 200 OK/],
    [{ status: 302 }, /must respond with 200 OK/],
    [{ status: 202 }, /must respond with 200 OK/],
    [{ type: 'application/json' }, /text\/plain/],
    [{ body: 'something else' }, /exactly match/],
  ] as const) {
    receiver.answers = { handshake: () => answer }
    const refusal = await refusalOf(create())
    assert.deepEqual([refusal.status, refusal.code], [400, 'ValidationError'])
    assert.match(refusal.message, message)
  }
  receiver.answers = { handshake: (token) => ({ body: encodeURIComponent(token) }) }
  assert.match((await refusalOf(create())).message, /exactly match/)
  // Only the second address is wrong.
  receiver.answers = { handshake: () => ({}) }
  const closed = await refusalOf(create({ lifecycleNotificationUrl: 'https://localhost:1/life' }))
  assert.match(closed.message, /could not be reached/)
  receiver.answers = {}
  assert.equal(((await client.api('/subscriptions').get()) as { value: unknown[] }).value.length, before)
})

test('silence ends after ten seconds', async () => {
  scene.receiver.answers = { handshake: () => 'silence' }
  const refusal = await refusalOf(create())
  assert.deepEqual([refusal.status, refusal.code], [400, 'ValidationError'])
  assert.match(refusal.message, /timed out/)
  scene.receiver.answers = {}
})

test('members are checked, and the one at fault is named', async () => {
  for (const [more, message] of [
    [{ resource: null }, /'resource'/],
    [{ resource: 'me/messages' }, /'resource'/],
    [{ changeType: 'created,moved' }, /'changeType'/],
    [{ changeType: '' }, /'changeType'/],
    [{ notificationUrl: 'ftp://x.example/' }, /'notificationUrl'/],
    [{ notificationUrl: 'https://u:p@localhost/' }, /'notificationUrl'/],
    [{ expirationDateTime: null }, /'expirationDateTime'/],
    [{ expirationDateTime: 'tomorrow' }, /'expirationDateTime'/],
    [{ expirationDateTime: inMinutes(-1) }, /'expirationDateTime'/],
    [{ expirationDateTime: inMinutes(4_330), lifecycleNotificationUrl: 'https://localhost/' }, /only be 4320 minutes/],
    [{ expirationDateTime: inMinutes(90) }, /lifecycleNotificationUrl is a required property/],
    [{ clientState: 'x'.repeat(129) }, /'clientState'/],
    [{ includeResourceData: true }, /'encryptionCertificate'/],
    [{ includeResourceData: true, encryptionCertificate: 'AAAA', encryptionCertificateId: 'x' }, /'encryptionCertificate'/],
    [{ latestSupportedTlsVersion: 'v1_0' }, /'latestSupportedTlsVersion'/],
  ] as const) {
    const refusal = await refusalOf(create(more))
    assert.equal(refusal.status, 400, JSON.stringify(more))
    assert.match(refusal.message, message)
  }
})

test('renewing, reauthorizing, listing, deleting', async () => {
  const made = await create()
  const expirationDateTime = inMinutes(50)
  const renewed = (await client.api(`/subscriptions/${made.id}`).patch({ expirationDateTime })) as Subscription
  assert.equal(Date.parse(renewed.expirationDateTime), Date.parse(expirationDateTime))
  await client.api(`/subscriptions/${made.id}/reauthorize`).post({})
  const kept = (await client.api(`/subscriptions/${made.id}`).get()) as Subscription
  assert.equal(kept.expirationDateTime, renewed.expirationDateTime)
  assert.equal((await refusalOf(client.api(`/subscriptions/${made.id}`).patch({ resource: 'x' }))).status, 400)
  assert.equal(
    (await refusalOf(client.api(`/subscriptions/${made.id}`).patch({ expirationDateTime: inMinutes(-5) }))).status,
    400,
  )
  const { value } = (await client.api('/subscriptions').get()) as { value: Subscription[] }
  assert.ok(value.some(({ id }) => id === made.id))
  const other = clientOf(scene.server, await scene.issuer.app(['Chat.Read.All'], '6f9d2f3c-0000-4000-8000-0000000000bb'))
  assert.deepEqual(((await other.api('/subscriptions').get()) as { value: unknown[] }).value, [])
  for (const work of [
    () => other.api(`/subscriptions/${made.id}`).get(),
    () => other.api(`/subscriptions/${made.id}`).delete(),
    () => other.api(`/subscriptions/${made.id}`).patch({ expirationDateTime }),
    () => client.api('/subscriptions/nothing').get(),
  ])
    assert.equal((await refusalOf(work())).status, 404)
  await client.api(`/subscriptions/${made.id}`).delete()
  assert.equal((await refusalOf(client.api(`/subscriptions/${made.id}`).get())).status, 404)
  assert.equal((await refusalOf(client.api(`/subscriptions/${made.id}`).delete())).status, 404)
})

test('an expired subscription is gone', async () => {
  const made = await create({ expirationDateTime: new Date(Date.now() + 1_500).toISOString() })
  let status = 200
  for (let tries = 0; status === 200 && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25))
    status = await client
      .api(`/subscriptions/${made.id}`)
      .get()
      .then(
        () => 200,
        ({ statusCode }: { statusCode: number }) => statusCode,
      )
  }
  assert.equal(status, 404)
})

test('who may watch what', async () => {
  const { server, issuer } = scene
  const [heidi] = server.dev.users
  const body = (resource: string, changeType = 'updated') => wanted({ resource, changeType })
  const calls = `communications/onlineMeetings(joinWebUrl='${encodeURIComponent(meeting.joinWebUrl)}')/meetingCallEvents`
  const post = async (token: string, sent: unknown) =>
    clientOf(server, token)
      .api('/subscriptions')
      .post(sent)
      .then(
        () => 201,
        ({ statusCode }: { statusCode: number }) => statusCode,
      )
  assert.equal(await post(await issuer.app(['Chat.Read.All']), body(calls)), 403, 'calls need OnlineMeetings.Read.All')
  assert.equal(
    await post(await issuer.person(heidi!.id, ['OnlineMeetings.Read']), body(calls)),
    403,
    'calls are for applications',
  )
  assert.equal(await post(await issuer.app(['OnlineMeetings.Read.All']), body(`chats/${meeting.chatId}/messages`)), 403)
  assert.equal(
    await post(
      await issuer.person('c0ffee00-0000-4000-8000-000000000000', ['Chat.Read']),
      body(`chats/${meeting.chatId}/messages`),
    ),
    403,
  )
  assert.equal(await post(await issuer.person(heidi!.id, ['Chat.Read']), body(`chats/${meeting.chatId}/messages`)), 201)
  const foreign = calls.replaceAll(server.dev.tenantId, '00000000-0000-4000-8000-000000000000')
  const refusal = await refusalOf(
    clientOf(server, await issuer.app(['OnlineMeetings.Read.All']))
      .api('/subscriptions')
      .post(body(foreign)),
  )
  assert.deepEqual([refusal.status, refusal.code], [403, 'ExtensionError'])
  assert.match(refusal.message, /The meeting tenant does not match the token tenant\./)
  assert.equal(await post(await issuer.app(['OnlineMeetings.Read.All']), body(calls)), 201)
  const twice = await refusalOf(
    clientOf(server, await issuer.app(['OnlineMeetings.Read.All']))
      .api('/subscriptions')
      .post(body(calls)),
  )
  assert.deepEqual([twice.status, twice.code], [403, 'ExtensionError'])
  const artifacts = await issuer.app(['OnlineMeetingTranscript.Read.All'])
  assert.equal(await post(artifacts, body('communications/onlineMeetings/getAllTranscripts', 'created')), 201, 'accepted, quiet')
  assert.equal(await post(artifacts, body(`users/${heidi!.id}/onlineMeetings/getAllRecordings`, 'created')), 403)
})
