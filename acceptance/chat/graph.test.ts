// tier: quick, 6 s
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AuthenticationProvider, RequestInformation } from '@microsoft/kiota-abstractions'
import { Client, type GraphError, PageIterator } from '@microsoft/microsoft-graph-client'
import { createGraphServiceClient, GraphRequestAdapter } from '@microsoft/msgraph-sdk'
import '@microsoft/msgraph-sdk-chats'
import { errorOf, Graph, organizedBy } from '../lib/graph.ts'
import { type Issuer, startIssuer } from '../lib/issuer.ts'
import { Person } from '../lib/person.ts'
import { type Server, startServer } from '../lib/server.ts'
import { trust } from '../people/lib/visitor.ts'

let issuer: Issuer
let server: Server
let heidi: { id: string; displayName: string }
let ines: { id: string; displayName: string }

before(async () => {
  issuer = await startIssuer()
  server = await startServer({ env: issuer.env })
  trust(server.dev)
  const [first, second] = server.dev.users
  heidi = first!
  ines = second!
})
after(async () => {
  issuer.close()
  await server[Symbol.asyncDispose]()
})

/** @microsoft/microsoft-graph-client as its documentation shows it, over https. */
function clientOf(token: string): Client {
  return Client.initWithMiddleware({
    authProvider: { getAccessToken: async () => token },
    baseUrl: `${server.dev.httpsBaseUrl}/`,
    customHosts: new Set([new URL(server.dev.httpsBaseUrl).hostname]),
  })
}

const person = async (who: { id: string }, ...scopes: string[]) => clientOf(await issuer.person(who.id, scopes))

/** A meeting of Heidi's, with Inés invited; its chat's id. */
async function makeChat(members: Record<string, unknown> = {}): Promise<string> {
  const attendees = [{ identity: { user: { id: ines.id } }, upn: 'ines@parley.example' }]
  const graph = await Graph.of(server)
  const made = await graph.create({ participants: organizedBy(heidi.id, attendees), ...members })
  return (made.chatInfo as { threadId: string }).threadId.replace('thread.skype', 'thread.v2')
}

interface Message {
  id: string
  body: { contentType: string; content: string }
  from: { user: Record<string, unknown> | null }
  [member: string]: unknown
}

test('the chat of a meeting is found by a thread id of either suffix', async () => {
  const id = await makeChat({ subject: 'Planning' })
  const client = await person(heidi, 'Chat.Read')
  for (const path of [
    `/chats/${id}`,
    `/chats/${id.replace('thread.v2', 'thread.skype')}`,
    `/me/chats/${id}`,
    `/users/${heidi.id}/chats/${id}`,
  ]) {
    const chat = (await client.api(path).get()) as Record<string, unknown>
    assert.equal(chat.id, id)
    assert.equal(chat.chatType, 'meeting')
    assert.equal(chat.topic, 'Planning')
    const info = chat.onlineMeetingInfo as { calendarEventId: null; joinWebUrl: string; organizer: Record<string, unknown> }
    assert.match(info.joinWebUrl, /\/l\/meetup-join\/19%3ameeting_/)
    assert.deepEqual([info.calendarEventId, info.organizer.id, info.organizer.userIdentityType], [null, heidi.id, 'aadUser'])
  }
})

test('a message has the exact shape of chatMessage', async () => {
  const id = await makeChat()
  const client = await person(heidi, 'ChatMessage.Send', 'Chat.Read')
  const sent = (await client.api(`/chats/${id}/messages`).post({ body: { content: 'Hello World' } })) as Message
  const context = `${server.dev.httpsBaseUrl}/v1.0/$metadata#chats('${encodeURIComponent(id)}')/messages/$entity`
  const { createdDateTime, ...rest } = sent
  assert.match(String(createdDateTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/)
  assert.equal(Date.parse(String(createdDateTime)), Number(sent.id), 'the id is the milliseconds of its making')
  assert.deepEqual(rest, {
    ...{ '@odata.context': context, id: sent.id, replyToId: null, etag: sent.id, messageType: 'message' },
    ...{ lastModifiedDateTime: createdDateTime, lastEditedDateTime: null, deletedDateTime: null, subject: null, summary: null },
    ...{ chatId: id, importance: 'normal', locale: 'en-us', webUrl: null, channelIdentity: null, policyViolation: null },
    eventDetail: null,
    from: {
      ...{ application: null, device: null },
      user: {
        '@odata.type': '#microsoft.graph.teamworkUserIdentity',
        ...{ id: heidi.id, displayName: heidi.displayName, userIdentityType: 'aadUser', tenantId: server.dev.tenantId },
      },
    },
    body: { contentType: 'text', content: 'Hello World' },
    ...{ attachments: [], mentions: [], reactions: [], messageHistory: [] },
  })
  assert.deepEqual(await client.api(`/chats/${id}/messages/${sent.id}`).get(), sent)
})

test('what is written by Graph shows in the room at once, and what the room says is read by Graph', async () => {
  const id = await makeChat()
  const guest = await Person.ask(server.dev.baseUrl, id, 'Zoë')
  assert.equal(guest.admission.state, 'admitted')
  await guest.listen()
  const client = await person(heidi, 'Chat.ReadWrite')
  const sent = (await client.api(`/chats/${id}/messages`).post({
    body: { contentType: 'html', content: '<p>Hi <b>all</b><script>alert(1)</script></p><p><at id="0">Inés</at>?</p>' },
    mentions: [
      { id: 0, mentionText: 'Inés', mentioned: { user: { id: ines.id, displayName: 'Inés', userIdentityType: 'aadUser' } } },
    ],
  })) as Message
  assert.deepEqual(sent.body, { contentType: 'html', content: '<p>Hi <b>all</b></p><p><at id="0">Inés</at>?</p>' })
  const shown = await guest.next(({ event, data }) => event === 'chat' && data.type === 'message')
  const live = shown.data.message as Record<string, unknown>
  assert.deepEqual([live.id, live.text, live.mentions], [sent.id, 'Hi all\nInés?', [ines.id]])
  assert.deepEqual(live.from, { identity: heidi.id, name: heidi.displayName, you: false, kind: 'user' })

  const said = await guest.call('POST', '/api/chat/messages', { text: '<i>not</i> HTML', replyTo: sent.id })
  assert.equal(said.status, 201)
  const read = (await client.api(`/chats/${id}/messages/${said.body.id}`).get()) as Message
  assert.deepEqual(read.body, { contentType: 'text', content: '<i>not</i> HTML' })
  assert.deepEqual(
    [read.replyToId, read.from.user!.displayName, read.from.user!.userIdentityType],
    [sent.id, 'Zoë', 'anonymousGuest'],
  )

  await client.api(`/chats/${id}/messages/${said.body.id}/setReaction`).post({ reactionType: '👍' })
  const reacted = await guest.next(({ event, data }) => event === 'chat' && data.type === 'updated')
  assert.deepEqual((reacted.data.message as Record<string, unknown>).reactions, [{ emoji: '👍', count: 1, mine: false }])
  await client.api(`/chats/${id}/messages/${sent.id}`).patch({ body: { content: 'Bye' } })
  await client.api(`/me/chats/${id}/messages/${sent.id}/softDelete`).post({})
  const gone = await guest.next(({ event, data }) => event === 'chat' && data.type === 'deleted')
  assert.equal((gone.data.message as Record<string, unknown>).text, '')
  const deleted = (await client.api(`/chats/${id}/messages/${sent.id}`).get()) as Message
  assert.ok(deleted.deletedDateTime !== null && deleted.body.content === '')
  const member = await person(ines, 'Chat.ReadWrite')
  await assert.rejects(member.api(`/chats/${id}/messages/${said.body.id}`).patch({ body: { content: 'x' } }), { statusCode: 403 })
  guest.close()
})

test('pages, bounds and order', async () => {
  const id = await makeChat()
  const client = await person(heidi, 'ChatMessage.Send', 'Chat.Read')
  const sent: Message[] = []
  for (let index = 0; index < 9; index++)
    sent.push((await client.api(`/chats/${id}/messages`).post({ body: { content: `n${index}` } })) as Message)
  const first = await client.api(`/chats/${id}/messages`).top(4).get()
  assert.deepEqual(
    first.value.map(({ body }: Message) => body.content),
    ['n8', 'n7', 'n6', 'n5'],
  )
  const all: string[] = []
  const iterator = new PageIterator(client, first, ({ body }: Message) => {
    all.push(body.content)
    return true
  })
  await iterator.iterate()
  assert.deepEqual(
    all,
    [...sent].reverse().map(({ body }) => body.content),
  )
  assert.equal(iterator.isComplete(), true)
  const path = `/chats/${id}/messages`
  const bounded = await client
    .api(path)
    .orderby('createdDateTime desc')
    .filter(`createdDateTime gt ${sent[2]!.createdDateTime} and createdDateTime lt ${sent[6]!.createdDateTime}`)
    .top(2)
    .get()
  assert.deepEqual(
    bounded.value.map(({ body }: Message) => body.content),
    ['n5', 'n4'],
  )
  const rest = await client.api(bounded['@odata.nextLink']).get()
  assert.deepEqual(
    rest.value.map(({ body }: Message) => body.content),
    ['n3'],
  )
  assert.equal(rest['@odata.nextLink'], undefined)
  for (const query of [
    '$top=51',
    '$top=0',
    '$orderby=createdDateTime asc',
    '$orderby=subject desc',
    "$filter=subject eq 'x'",
    '$skip=1',
    '$skiptoken=x',
  ])
    await assert.rejects(client.api(`${path}?${query}`).get(), { statusCode: 400 }, query)
  await assert.rejects(
    client.api(`${path}?$orderby=createdDateTime desc&$filter=lastModifiedDateTime gt 2026-01-01T00:00:00Z`).get(),
    { statusCode: 400 },
  )
})

test('who may do what', async () => {
  const id = await makeChat()
  const path = `/chats/${id}/messages`
  const body = { body: { content: 'x' } }
  const status = async (work: Promise<unknown>) =>
    work.then(
      () => 0,
      (error: GraphError) => error.statusCode,
    )
  const reads = async (client: Client) => [await status(client.api(`/chats/${id}`).get()), await status(client.api(path).get())]
  assert.deepEqual(await reads(await person(ines, 'Chat.Read')), [0, 0], 'invited')
  assert.deepEqual(await reads(await person(ines, 'User.Read')), [403, 403], 'without the scope')
  assert.equal(await status((await person(ines, 'Chat.Read')).api(path).post(body)), 403)
  assert.equal(await status((await person(ines, 'ChatMessage.Send')).api(path).post(body)), 0)
  const stranger = await person({ id: 'c0ffee00-0000-4000-8000-000000000000' }, 'Chat.ReadWrite')
  assert.deepEqual(await reads(stranger), [403, 403])
  assert.equal(await status(stranger.api(path).post(body)), 403)
  assert.deepEqual(await reads(clientOf(await issuer.app(['Chat.Read.All']))), [0, 0], 'an application reads')
  assert.equal(
    await status(
      clientOf(await issuer.app(['Chat.ReadWrite.All']))
        .api(path)
        .post(body),
    ),
    403,
    'and does not write',
  )
  assert.deepEqual(await reads(clientOf(await issuer.app(['OnlineMeetings.ReadWrite.All']))), [403, 403])
  const unknown = (await makeChat()).replace(/meeting_.{8}/, 'meeting_MDAwMDAw')
  assert.equal(await status((await person(heidi, 'Chat.Read')).api(`/chats/${unknown}/messages`).get()), 404)
  assert.equal(await status((await person(heidi, 'Chat.Read')).api('/chats/19:x@thread.v2/messages').get()), 404)
  assert.equal(await status((await person(heidi, 'Chat.Read')).api(`/users/${ines.id}/chats/${id}/messages`).get()), 403)
})

test('bad messages are refused in Graph’s form, with the member at fault', async () => {
  const id = await makeChat()
  const graph = new Graph(server, await issuer.person(heidi.id, ['ChatMessage.Send']))
  for (const [body, target] of [
    [{}, 'body'],
    [{ body: 'x' }, 'body'],
    [{ body: { contentType: 'markdown', content: 'x' } }, 'body.contentType'],
    [{ body: { contentType: 'html', content: '<script>x</script>' } }, 'body.content'],
    [{ body: { content: 'x'.repeat(8001) } }, 'body.content'],
    [{ body: { content: 'x' }, attachments: [{ id: '1' }] }, 'attachments'],
    [{ body: { content: 'x' }, mentions: [{ mentionText: 'x' }] }, 'mentions[0].mentioned.user.id'],
  ] as const) {
    const answer = await graph.send('POST', `/v1.0/chats/${encodeURIComponent(id)}/messages`, body)
    assert.equal(answer.status, 400, answer.text)
    assert.equal(errorOf(answer).target, target)
  }
  let last = 0
  for (let index = 0; index < 40 && last !== 429; index++) {
    const answer = await graph.send('POST', `/v1.0/chats/${encodeURIComponent(id)}/messages`, { body: { content: 'flood' } })
    last = answer.status
    if (last === 429) assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
  }
  assert.equal(last, 429)
})

test('@microsoft/msgraph-sdk writes and lists', async () => {
  const id = await makeChat()
  const token = await issuer.person(heidi.id, ['Chat.ReadWrite'])
  const authentication: AuthenticationProvider = {
    authenticateRequest: async (request: RequestInformation) => {
      request.headers.add('Authorization', `Bearer ${token}`)
    },
  }
  const adapter = new GraphRequestAdapter(authentication)
  adapter.baseUrl = `${server.dev.httpsBaseUrl}/v1.0`
  const messages = createGraphServiceClient(adapter).chats.byChatId(id).messages
  const sent = await messages.post({ body: { content: 'typed' } })
  assert.equal(sent?.body?.content, 'typed')
  assert.equal(sent?.createdDateTime?.getTime(), Number(sent?.id))
  await messages.post({ body: { content: 'twice' } })
  const page = await messages.get({ queryParameters: { top: 1 } })
  assert.deepEqual(
    page?.value?.map(({ body }) => body?.content),
    ['twice'],
  )
  assert.ok(page?.odataNextLink)
  const next = await messages.withUrl(page.odataNextLink).get()
  assert.deepEqual(
    next?.value?.map(({ body }) => body?.content),
    ['typed'],
  )
  const read = await messages.byChatMessageId(sent!.id!).get()
  assert.equal(read?.from?.user?.displayName, heidi.displayName)
})
