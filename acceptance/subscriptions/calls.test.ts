// tier: quick, 7 s
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Room } from '@livekit/rtc-node'
import type { AuthenticationProvider, RequestInformation } from '@microsoft/kiota-abstractions'
import { createGraphServiceClient, GraphRequestAdapter } from '@microsoft/msgraph-sdk'
import '@microsoft/msgraph-sdk-subscriptions'
import { Graph } from '../lib/graph.ts'
import { headlessRoom } from '../lib/headless.ts'
import { Person } from '../lib/person.ts'
import { clientOf, inMinutes, makeMeeting, openScene, type Scene } from './lib.ts'

let scene: Scene
before(async () => {
  scene = await openScene()
})
after(async () => {
  await scene.close()
})

/** Somebody who really takes part, without a browser. */
async function enter(chatId: string, name: string): Promise<{ room: Room; person: Person }> {
  const person = await Person.ask(scene.server.dev.baseUrl, chatId, name)
  const media = (await person.call('POST', '/api/door/media-token')).body as unknown as { url: string; token: string }
  const room = headlessRoom()
  await room.connect(media.url, media.token, { autoSubscribe: false, dynacast: false })
  return { room, person }
}

test('a call is told from its start to its end, with who came and went, in both spellings', async () => {
  const { server, receiver, issuer } = scene
  const { chatId, joinWebUrl } = await makeMeeting(server)
  const encryption = { includeResourceData: true, encryptionCertificate: receiver.encryption.der, encryptionCertificateId: 'c' }
  const subscribe = async (resource: string, path: string, appId: string) =>
    clientOf(server, await issuer.app(['OnlineMeetings.Read.All'], appId))
      .api('/subscriptions')
      .post({
        changeType: 'updated',
        resource,
        notificationUrl: `${receiver.url}${path}`,
        expirationDateTime: inMinutes(30),
        ...encryption,
      })
  const [one, two] = ['6f9d2f3c-0000-4000-8000-000000000001', '6f9d2f3c-0000-4000-8000-000000000002']
  const spelled = `communications/onlineMeetings(joinWebUrl='${encodeURIComponent(joinWebUrl)}')/meetingCallEvents`
  await subscribe(spelled, '/new', one!)
  await subscribe(`/communications/onlineMeetings/?$filter=JoinWebUrl eq '${joinWebUrl}'`, '/old', two!)

  const { room, person } = await enter(chatId, 'Zoë')
  const opened = await receiver.notifications(2, '/new')
  for (const { resource, changeType, resourceData } of opened) {
    assert.deepEqual([resource, changeType, resourceData['@odata.type']], [spelled, 'updated', '#microsoft.graph.callEvent'])
    assert.equal(resourceData['@odata.id'], `${spelled}/${resourceData.id}`)
  }
  await room.disconnect()
  const all = (await receiver.notifications(4, '/new')).map(({ encryptedContent }) => receiver.decrypt(encryptedContent))
  const people = (event: Record<string, unknown>) => event.participants as { info: object; removedState: object | null }[]
  assert.deepEqual(
    all.map(({ callEventType }) => callEventType),
    ['callStarted', 'rosterUpdated', 'rosterUpdated', 'callEnded'],
  )
  const guest = { guest: { id: person.admission.identity, displayName: 'Zoë' } }
  assert.deepEqual(
    people(all[1]!).map(({ info, removedState }) => [info, removedState]),
    [[{ identity: guest }, null]],
  )
  assert.deepEqual(
    people(all[2]!).map(({ info, removedState }) => [info, removedState]),
    [[{ identity: guest }, { reason: 'Left' }]],
  )
  for (const { eventDateTime, '@odata.type': type } of all) {
    assert.equal(type, '#microsoft.graph.callEvent')
    assert.match(String(eventDateTime), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  }
  const old = (await receiver.notifications(4, '/old')).map(({ encryptedContent }) => receiver.decrypt(encryptedContent))
  assert.deepEqual(
    old.map(({ eventType, state }) => [eventType, state]),
    ['CallStarted', 'CallRosterUpdate', 'CallRosterUpdate', 'CallEnded'].map((name) => [
      `Microsoft.Communication.${name}`,
      'active',
    ]),
  )
  assert.deepEqual([old[1]!['activeParticipants@joined'], old[1]!['activeParticipants@exited']], [[{ identity: guest }], []])
  assert.deepEqual([old[2]!['activeParticipants@joined'], old[2]!['activeParticipants@exited']], [[], [{ identity: guest }]])
})

test('changes and the end of a meeting itself are told, as an addition of ours', async () => {
  const { server, receiver, issuer } = scene
  const graph = await Graph.of(server)
  const heidi = server.dev.users[0]!.id
  const { joinWebUrl } = await makeMeeting(server)
  const found = await graph.send(
    'GET',
    `/v1.0/users/${heidi}/onlineMeetings?$filter=${encodeURIComponent(`JoinWebUrl eq '${joinWebUrl}'`)}`,
  )
  const meeting = (found.body.value as { id: string }[])[0]!
  assert.ok(meeting, found.text)
  await clientOf(server, await issuer.app(['OnlineMeetings.Read.All']))
    .api('/subscriptions')
    .post({
      ...{
        changeType: 'updated,deleted',
        resource: `users/${heidi}/onlineMeetings/${meeting.id}`,
        expirationDateTime: inMinutes(5),
      },
      notificationUrl: `${receiver.url}/meeting`,
    })
  const path = `/v1.0/users/${heidi}/onlineMeetings/${meeting.id}`
  assert.equal((await graph.send('PATCH', path, { subject: 'Moved' })).status, 200)
  assert.equal((await graph.send('DELETE', path)).status, 204)
  const told = await receiver.notifications(2, '/meeting')
  assert.deepEqual(
    told.map(({ changeType, resourceData }) => [changeType, resourceData.id]),
    [
      ['updated', meeting.id],
      ['deleted', meeting.id],
    ],
  )
  assert.equal(told[0]!.resource, `users('${heidi}')/onlineMeetings('${meeting.id}')`)
})

test('@microsoft/msgraph-sdk makes, reads, renews and deletes a subscription', async () => {
  const { server, receiver, issuer } = scene
  const { joinWebUrl } = await makeMeeting(server)
  const token = await issuer.app(['OnlineMeetings.Read.All'])
  const authentication: AuthenticationProvider = {
    authenticateRequest: async (request: RequestInformation) => {
      request.headers.add('Authorization', `Bearer ${token}`)
    },
  }
  const adapter = new GraphRequestAdapter(authentication)
  adapter.baseUrl = `${server.dev.httpsBaseUrl}/v1.0`
  const { subscriptions } = createGraphServiceClient(adapter)
  const made = await subscriptions.post({
    changeType: 'updated',
    notificationUrl: `${receiver.url}/typed`,
    resource: `communications/onlineMeetings(joinWebUrl='${encodeURIComponent(joinWebUrl)}')/meetingCallEvents`,
    expirationDateTime: new Date(inMinutes(20)),
    clientState: 's',
  })
  assert.ok(made?.id)
  const one = subscriptions.bySubscriptionId(made.id)
  assert.equal((await one.get())?.clientState, 's')
  const later = new Date(inMinutes(40))
  assert.equal((await one.patch({ expirationDateTime: later }))?.expirationDateTime?.getTime(), later.getTime())
  await one.reauthorize.post()
  assert.deepEqual((await subscriptions.get())?.value?.filter(({ id }) => id === made.id).length, 1)
  await one.delete()
  const gone = await one.get().catch((error: unknown) => error)
  assert.equal((gone as { responseStatusCode?: number }).responseStatusCode, 404)
})
