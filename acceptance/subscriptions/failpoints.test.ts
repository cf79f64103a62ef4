// tier: quick, 45 s
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Person } from '../door/lib/person.ts'
import type { Failpoint } from '../lib/failpoint.ts'
import { Graph } from '../lib/graph.ts'
import { Visitor } from '../people/lib/visitor.ts'
import { clientOf, inMinutes, type Made, makeMeeting, openScene, type Scene } from './lib.ts'

// Kills the server at the worst moments of a change, and looks whether everybody is told of what was promised.
const moments = ['before the commit', 'after the commit', 'after the reply', 'after a delivery'] as const
const deliveries = new Set<Failpoint['at']>(['after a delivery'])

let scene: Scene
before(async () => {
  scene = await openScene({
    PARLEY_NOTIFY_PRIVATE: '1',
    NODE_OPTIONS: `--import=${join(import.meta.dirname, '..', 'lib', 'failpoint.ts')}`,
    FAILPOINT_FILE: failpointFile(),
    PARLEY_EXTENSIONS: 'list',
  })
})
after(async () => scene?.close())

function failpointFile(): string {
  return join(tmpdir(), `parley-failpoint-${process.pid}`)
}

/** Do something during which the server dies, and start it again. `isDying` names the delivery after which it is to die. */
async function dying(
  failpoint: Failpoint,
  work: () => Promise<{ status: number }>,
  isDying?: (content: Record<string, unknown>) => boolean,
): Promise<void> {
  const { child } = scene.server
  const died = once(child, 'exit')
  const arm = () => writeFileSync(failpointFile(), JSON.stringify(failpoint))
  if (isDying === undefined) arm()
  else
    scene.receiver.answers.notification = ({ path, body }) => {
      // Armed by the delivery itself, before it is answered: the one before may not have been noted yet.
      if (path === failpoint.path && body.value.some((item) => isDying(scene.receiver.decrypt(item.encryptedContent)))) arm()
      return 202
    }
  const acknowledged = await work().then(
    ({ status }) => status < 300,
    () => false,
  )
  const [, signal] = await died
  assert.equal(signal, 'SIGKILL')
  scene.receiver.answers = {}
  scene.server = await scene.server.restart()
  if (failpoint.at === 'before the commit' || failpoint.at === 'after the commit') assert.equal(acknowledged, false)
  if (failpoint.at === 'after the reply') assert.equal(acknowledged, true)
}

/** The same where either the request or the delivery has the path. */
async function dyingOf(
  at: Failpoint['at'],
  about: string,
  requested: string,
  delivered: string,
  work: () => Promise<{ status: number }>,
  isDying: (content: Record<string, unknown>) => boolean,
): Promise<void> {
  if (deliveries.has(at)) await dying({ at, path: delivered }, work, isDying)
  else await dying({ at, about, path: requested }, work)
}

const textOf = (content: Record<string, unknown>) => (content.body as { content: string }).content

interface Watched {
  path: string
  meeting: Made
  /** The contents told so far, each when it was first told, with how often and under which ids. */
  told(): { content: Record<string, unknown>; ids: string[] }[]
}

/** A new meeting and a subscription to it or to its chat, with resource data. */
async function watch(kind: 'meeting' | 'chat', path: string): Promise<Watched> {
  const { server, issuer, receiver } = scene
  const meeting = await makeMeeting(server)
  const client = clientOf(server, await issuer.app(['OnlineMeetings.Read.All', 'Chat.Read.All']))
  const resource = kind === 'chat' ? `/chats/${meeting.chatId}/messages` : await resourceOf(meeting)
  await client.api('/subscriptions').post({
    ...{ changeType: kind === 'chat' ? 'created' : 'updated', resource, notificationUrl: `${receiver.url}${path}` },
    ...{ expirationDateTime: inMinutes(50), includeResourceData: true },
    ...{ encryptionCertificate: receiver.encryption.der, encryptionCertificateId: 'cert' },
  })
  const told = () => {
    const found = new Map<string, { content: Record<string, unknown>; ids: string[] }>()
    for (const { body } of receiver.received.filter((each) => each.path === path))
      for (const { id, encryptedContent } of body.value) {
        const content = receiver.decrypt(encryptedContent)
        const key = JSON.stringify([content.id, content.subject, content.body, content.isCancelled])
        const known = found.get(key)
        if (known === undefined) found.set(key, { content, ids: [id] })
        else known.ids.push(id)
      }
    return [...found.values()]
  }
  return { path, meeting, told }
}

async function resourceOf(meeting: Made): Promise<string> {
  const { server } = scene
  const graph = await Graph.of(server)
  const user = server.dev.users[0]!.id
  const link = encodeURIComponent(`'${meeting.joinWebUrl}'`)
  const found = await graph.send('GET', `/v1.0/users/${user}/onlineMeetings?$filter=JoinWebUrl%20eq%20${link}`)
  const [{ id }] = found.body.value as [{ id: string }]
  return `/users/${user}/onlineMeetings/${id}`
}

const patch = async (meeting: Made, members: Record<string, unknown>) =>
  (await Graph.of(scene.server)).send('PATCH', `/beta/app/onlineMeetings/${meeting.id}`, members)

/** After a death: told once more at most, always under the same id, and in the order in which it happened. */
function check(
  watched: Watched,
  name: (content: Record<string, unknown>) => string,
  owed: readonly string[],
  at: Failpoint['at'],
): void {
  const told = watched.told()
  assert.deepEqual(
    told.map(({ content }) => name(content)),
    owed,
    at,
  )
  for (const { ids } of told) assert.equal(new Set(ids).size, 1, 'told again under another id')
  if (deliveries.has(at)) assert.equal(told[1]!.ids.length, 2, 'delivered, and not noted: told again')
}

test('a meeting that was promised is there; one that was not is not', { timeout: 120_000 }, async () => {
  const subjects = async () => {
    const graph = await Graph.of(scene.server)
    const user = scene.server.dev.users[0]!.id
    const list = await graph.send('GET', `/v1.0/users/${user}/onlineMeetings`)
    return (list.body.value as { subject: string }[]).map(({ subject }) => subject)
  }
  for (const at of moments.filter((moment) => !deliveries.has(moment))) {
    const graph = await Graph.of(scene.server)
    const body = { subject: at, startDateTime: inMinutes(10), endDateTime: inMinutes(20) }
    const path = `/v1.0/users/${scene.server.dev.users[0]!.id}/onlineMeetings`
    await dying({ at, about: 'meetingCreated', path }, () => graph.send('POST', path, body))
    assert.equal((await subjects()).includes(at), at !== 'before the commit', at)
  }
})

test('a change of a meeting is told to who subscribed, whenever the server dies', { timeout: 180_000 }, async () => {
  for (const at of moments) {
    const path = `/update-${moments.indexOf(at)}`
    const watched = await watch('meeting', path)
    await patch(watched.meeting, { subject: 'first' })
    await scene.receiver.until(() => (watched.told().length === 1 ? true : undefined))
    const change = () => patch(watched.meeting, { subject: 'dying' })
    await dyingOf(at, 'meetingUpdated', '/beta/app/onlineMeetings', path, change, ({ subject }) => subject === 'dying')
    await patch(watched.meeting, { subject: 'last' })
    const owed = at === 'before the commit' ? ['first', 'last'] : ['first', 'dying', 'last']
    await scene.receiver.until(() => (watched.told().some(({ content }) => content.subject === 'last') ? true : undefined))
    check(watched, ({ subject }) => String(subject), owed, at)
  }
})

test('a cancelled meeting: who subscribed is told, and who waits hears it when they come back', {
  timeout: 180_000,
}, async () => {
  for (const at of moments) {
    const path = `/cancel-${moments.indexOf(at)}`
    const watched = await watch('meeting', path)
    const guest = new Person(scene.server)
    assert.equal((await guest.ask(watched.meeting.chatId, 'Grace')).body.admission?.state, 'admitted')
    await patch(watched.meeting, { subject: 'on' })
    await scene.receiver.until(() => (watched.told().length === 1 ? true : undefined))
    const cancel = () => patch(watched.meeting, { isCancelled: true })
    await dyingOf(at, 'meetingUpdated', '/beta/app/onlineMeetings', path, cancel, ({ isCancelled }) => isCancelled === true)
    const { state, reason } = (await guest.me()).body.admission!
    if (at === 'before the commit') assert.equal(state, 'admitted')
    else assert.deepEqual([state, reason], ['expired', 'cancelled'])
    await patch(watched.meeting, { isCancelled: false, subject: 'on again' })
    await scene.receiver.until(() => (watched.told().some(({ content }) => content.subject === 'on again') ? true : undefined))
    const owed = at === 'before the commit' ? ['on', 'on again'] : ['on', 'cancelled', 'on again']
    check(watched, ({ subject, isCancelled }) => (isCancelled === true ? 'cancelled' : String(subject)), owed, at)
  }
})

test('somebody who was let in is in, and whose page was open is told so', { timeout: 120_000 }, async () => {
  const visitor = new Visitor(scene.server.url)
  await visitor.signIn(scene.server.dev.users[0]!)
  const signedIn = visitor.cookies
  for (const at of moments.filter((moment) => !deliveries.has(moment))) {
    const meeting = await makeMeeting(scene.server)
    await patch(meeting, { accessLevel: 'locked' })
    const guest = new Person(scene.server)
    assert.equal((await guest.ask(meeting.chatId, 'Grace')).body.admission?.state, 'waiting')
    const organizer = new Person(scene.server)
    for (const [name, value] of signedIn) if (name.includes('session')) organizer.cookies.set(name, value)
    await organizer.ask(meeting.chatId, '')
    assert.equal(organizer.admission?.role, 'organizer')
    await guest.listen()
    const path = `/api/room/lobby/${guest.admission!.id}/admit`
    await dying({ at, about: 'admitted', path }, () => organizer.post(path))
    await guest.listen({ resumes: true })
    await guest.hears('admission', ({ state }) => state === (at === 'before the commit' ? 'waiting' : 'admitted'))
    if (at === 'before the commit') {
      assert.equal((await organizer.post(path)).status, 200)
      await guest.hears('admission', ({ state }) => state === 'admitted')
    } else assert.equal((await organizer.post(path)).status, 409, 'it is decided')
    await guest.stop()
  }
})

test('a message in the chat is told to who subscribed and to pages that come back', { timeout: 180_000 }, async () => {
  for (const at of moments) {
    const path = `/chat-${moments.indexOf(at)}`
    const watched = await watch('chat', path)
    const [writer, reader] = [new Person(scene.server), new Person(scene.server)]
    for (const person of [writer, reader]) await person.ask(watched.meeting.chatId, 'Somebody')
    await reader.listen()
    const say = (text: string) => writer.post('/api/chat/messages', { text })
    assert.equal((await say('first')).status, 201)
    await reader.hears('chat')
    await scene.receiver.until(() => (watched.told().length === 1 ? true : undefined))
    await dyingOf(
      at,
      'chat',
      '/api/chat/messages',
      path,
      () => say('dying'),
      (content) => textOf(content) === 'dying',
    )
    assert.equal((await say('last')).status, 201)
    const texts = at === 'before the commit' ? ['first', 'last'] : ['first', 'dying', 'last']
    await scene.receiver.until(() => (watched.told().some(({ content }) => textOf(content) === 'last') ? true : undefined))
    check(watched, textOf, texts, at)
    // The page missed it all and says which event it knows.
    await reader.listen({ resumes: true })
    await reader.hears('chat', ({ message }) => (message as { text: string }).text === 'last')
    const heard = reader.told.filter(({ event }) => event === 'chat').map(({ data }) => (data.message as { text: string }).text)
    assert.deepEqual([...new Set(heard)], texts, at)
    await reader.stop()
  }
})
