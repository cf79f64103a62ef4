// tier: full, 15 s
// What access tokens open at the door: what their scopes and roles name, and nothing else (docs/access.md, Tokens).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parley } from '../lib/cli.ts'
import { type Issuer, outsideAppId, startIssuer } from '../lib/issuer.ts'
import { House, type TestMeeting } from './lib/house.ts'
import { type Answer, opens, type Person } from './lib/person.ts'
import { SignalPeer } from './lib/signal.ts'

let issuer: Issuer
let house: House
before(async () => {
  issuer = await startIssuer()
  house = await House.open({ env: issuer.env })
})
after(async () => {
  await house?.close()
  issuer?.close()
})

const heidi = () => house.server.dev.users[0]!

async function askWith(token: string, meeting: TestMeeting): Promise<{ person: Person; answer: Answer }> {
  const person = house.person()
  const answer = await person.ask(meeting.threadId, '', { name: 'By token' }, { authorization: `Bearer ${token}` })
  return { person, answer }
}

/** What somebody who is in may do, by trying. */
async function deeds(person: Person, meeting: TestMeeting): Promise<Record<string, boolean>> {
  const guest = await house.guest(meeting, 'Grace')
  const done = async (method: string, path: string, body?: unknown) => (await person.send(method, path, body)).status < 300
  const found = {
    'read the chat': await done('GET', '/api/chat/messages'),
    'write in the chat': await done('POST', '/api/chat/messages', { text: 'hello' }),
    'see the lobby': await done('GET', '/api/room/lobby'),
    'change the policy': await done('PATCH', '/api/room/policy', { allowReactions: false }),
    remove: await done('POST', `/api/room/participants/${guest.identity}/remove`, { mayReturn: true }),
    lock: await done('POST', '/api/room/lock', {}),
    end: await done('POST', '/api/room/end', {}),
  }
  await guest.stop()
  return found
}

const nothing = {
  ...{ 'read the chat': false, 'write in the chat': false, 'see the lobby': false, 'change the policy': false },
  ...{ remove: false, lock: false, end: false },
}

test('a token that may only see the profile does not open the meetings of its person', async () => {
  for (const accessLevel of ['locked', 'everyone']) {
    const meeting = await house.meeting({ accessLevel })
    for (const scopes of [['User.Read'], ['User.Read', 'Chat.ReadWrite', 'User.ReadBasic.All'], []]) {
      const { answer } = await askWith(await issuer.person(heidi().id, scopes), meeting)
      assert.deepEqual([answer.status, answer.body.error?.code], [403, 'PermissionMissing'], scopes.join())
      assert.match(answer.body.error!.message, /OnlineMeetings\.Read or OnlineMeetings\.ReadWrite/)
    }
  }
})

test('a token that may read meetings brings its organizer in to see and hear, and no more', async () => {
  const meeting = await house.meeting({ accessLevel: 'locked' })
  const { person, answer } = await askWith(await issuer.person(heidi().id, ['OnlineMeetings.Read']), meeting)
  assert.deepEqual([answer.body.admission?.state, answer.body.admission?.role], ['admitted', 'attendee'])
  const { you } = answer.body.meeting!
  assert.deepEqual(you, { canAdmit: false, canModerate: false, canPresent: false, canChat: false })
  const peer = new SignalPeer(person.media!)
  const { participant } = await peer.joined
  assert.deepEqual([participant!.permission!.canPublish, participant!.permission!.canPublishData], [false, false])
  peer.leave()
  const organizer = await house.organizer(meeting)
  const guest = house.person()
  await guest.ask(meeting.threadId, 'Grace')
  assert.equal((await person.send('GET', '/api/room/lobby')).body.error?.code, 'NotAllowed')
  for (const path of ['lock', 'end', 'mute-all', 'lobby/admit-all', 'hand'])
    assert.equal((await person.post(`/api/room/${path}`, { raised: true })).body.error?.code, 'NotAllowed', path)
  assert.equal((await person.send('GET', '/api/chat/messages')).body.error?.code, 'NotAllowed')

  await person.listen()
  const sent = await organizer.post('/api/chat/messages', { text: 'for people' })
  assert.equal(sent.status, 201)
  await organizer.hears('chat')
  assert.equal(
    person.told.some(({ event }) => event === 'chat'),
    false,
  )
  await house.dismiss()
})

test('a role given in the room does not widen what a person allowed an application', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const { person } = await askWith(await issuer.person(house.server.dev.users[1]!.id, ['OnlineMeetings.Read']), meeting)
  const given = await organizer.post(`/api/room/participants/${person.identity}/role`, { role: 'coorganizer' })
  assert.equal(given.status, 200)
  assert.equal((await person.post('/api/room/end')).body.error?.code, 'NotAllowed')
  assert.equal((await person.send('GET', '/api/room/invitations')).body.error?.code, 'NotAllowed')
  await house.dismiss()
})

test("a token that may write meetings is its person's, the chat excepted", async () => {
  const meeting = await house.meeting()
  const { person, answer } = await askWith(await issuer.person(heidi().id, ['OnlineMeetings.ReadWrite']), meeting)
  assert.equal(answer.body.admission?.role, 'organizer')
  const everything = { 'see the lobby': true, 'change the policy': true, remove: true, lock: true, end: true }
  assert.deepEqual(await deeds(person, meeting), { ...nothing, ...everything })
})

test('chat scopes open the chat', async () => {
  const meeting = await house.meeting()
  const scopes = { 'Chat.Read': [true, false], 'ChatMessage.Send': [false, true], 'Chat.ReadWrite': [true, true] }
  for (const [scope, [reads, writes]] of Object.entries(scopes)) {
    const { person } = await askWith(await issuer.person(heidi().id, ['OnlineMeetings.Read', scope]), meeting)
    const found = await deeds(person, meeting)
    assert.deepEqual(found, { ...nothing, 'read the chat': reads, 'write in the chat': writes }, scope)
  }
})

test('an application that may read meetings sees and hears; one that may write them takes part', async () => {
  const meeting = await house.meeting()
  const reading = await askWith(await issuer.app(['OnlineMeetings.Read.All']), meeting)
  assert.equal(reading.answer.body.admission?.role, 'attendee')
  assert.deepEqual(await deeds(reading.person, meeting), nothing)
  assert.ok(await opens(reading.person.media!))
  const writing = await askWith(await issuer.app(['OnlineMeetings.ReadWrite.All']), meeting)
  assert.equal(writing.answer.body.admission?.role, 'presenter')
  const found = await deeds(writing.person, meeting)
  assert.deepEqual(found, { ...nothing, 'see the lobby': true, 'change the policy': true, remove: true })
  const other = await askWith(await issuer.app(['OnlineMeetingArtifact.Read.All', 'Chat.Read.All']), meeting)
  assert.equal(other.answer.body.error?.code, 'PermissionMissing')
})

test('where the access policy is strict, an application comes to the meetings of those only for whom it may act', async () => {
  const strict = await House.open({ env: { ...issuer.env, PARLEY_ACCESS_POLICY: 'strict' } })
  try {
    const { dev } = strict.server
    const cli = async (...args: string[]) => {
      const { code, stderr } = await parley(strict.server, 'policy', ...args)
      assert.equal(code, 0, stderr)
    }
    await cli('set', 'demo', '--app', dev.clientId)
    await cli('grant', 'demo', '--user', dev.users[0]!.upn)
    const meeting = await strict.meeting()
    const token = await issuer.app(['OnlineMeetings.ReadWrite.All'])
    const ask = () => strict.person().ask(meeting.threadId, '', { name: 'Bot' }, { authorization: `Bearer ${token}` })
    assert.equal((await ask()).body.error?.code, 'PermissionMissing')
    await cli('set', 'demo', '--app', dev.clientId, '--app', outsideAppId)
    assert.equal((await ask()).body.admission?.state, 'admitted')
  } finally {
    await strict.close()
  }
})
