// tier: quick, 6 s, shared
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { SignJWT } from 'jose'
import { House } from './lib/house.ts'
import { opens, until } from './lib/person.ts'

let house: House
before(async () => {
  house = await House.shared()
})
after(() => house?.close())

const admitted = (data: Record<string, unknown>) => data.state === 'admitted'

test('a guest waits, is let in, and takes part', async () => {
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  assert.deepEqual([guest.admission?.state, guest.admission?.reason, guest.admission?.place], ['waiting', 'invitedOnly', 1])
  assert.equal(guest.media, undefined)
  assert.equal((await guest.post('/api/door/media-token')).body.error?.code, 'NotAdmitted')

  const { waiting } = (await organizer.hears('lobby', (data) => (data.waiting as unknown[]).length === 1)) as {
    waiting: { id: string; name: string; reason: string }[]
  }
  assert.deepEqual([waiting[0]!.name, waiting[0]!.reason], ['Grace', 'invitedOnly'])
  assert.equal((await organizer.post('/api/room/lobby/message', { text: 'One moment' })).body.reached, 1)
  assert.deepEqual(await guest.hears('message'), { text: 'One moment', from: organizer.admission?.name })

  assert.equal((await organizer.post(`/api/room/lobby/${waiting[0]!.id}/admit`)).status, 200)
  assert.ok((await guest.hears('admission', admitted)).media)
  await organizer.enter()
  await guest.enter()
  await until(
    'both to be in the room',
    async () => guest.room!.remoteParticipants.size === 1 && organizer.room!.remoteParticipants.size === 1,
  )
  assert.equal((await organizer.hears('announce', ({ kind }) => kind === 'entry')).name, 'Grace')
  const seen = [...organizer.room!.remoteParticipants.values()][0]!
  assert.deepEqual([seen.identity, seen.name, seen.attributes.role], [guest.identity, 'Grace', 'attendee'])

  await guest.post('/api/door/leave')
  assert.equal((await organizer.hears('announce', ({ kind }) => kind === 'exit')).name, 'Grace')
  await house.dismiss()
})

test('a guest is turned away, and told so', async () => {
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  assert.equal((await organizer.post(`/api/room/lobby/${guest.admission!.id}/deny`)).status, 200)
  assert.equal((await guest.hears('admission', ({ state }) => state === 'denied')).reason, 'denied')
  await until('the stream to end', async () => guest.streamEnded)
  const refused = await guest.post('/api/door/media-token')
  assert.deepEqual([refused.status, refused.body.error?.code], [403, 'AdmissionEnded'])
  await house.dismiss()
})

test('of two who decide at once one decides, and the other is told how', async () => {
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const organizer = await house.organizer(meeting)
  const second = await house.member(0)
  await second.ask(meeting.threadId, '')
  const guest = await house.guest(meeting, 'Grace')
  const path = `/api/room/lobby/${guest.admission!.id}`
  const answers = await Promise.all([organizer.post(`${path}/admit`), second.post(`${path}/deny`)])
  const late = answers.find(({ status }) => status === 409)!
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
  assert.equal(late.body.error?.code, 'AlreadyDecided')
  const outcome = late.body.error!.innerError.outcome as { state: string; by: string }
  assert.equal(outcome.state, (await guest.me()).body.admission?.state)
  await house.dismiss()
})

test('guests neither see the lobby nor open it', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const guest = await house.guest(meeting, 'Grace')
  assert.equal(guest.admission?.state, 'admitted')
  await house.patch(meeting, { accessLevel: 'invited' })
  const other = await house.guest(meeting, 'Mallory')
  assert.equal(other.admission?.state, 'waiting')
  const tries = [
    guest.send('GET', '/api/room/lobby'),
    guest.post(`/api/room/lobby/${other.admission!.id}/admit`),
    guest.post('/api/room/lobby/admit-all'),
    guest.post('/api/room/lock'),
    guest.post('/api/room/end'),
    guest.post('/api/room/mute-all'),
    guest.post(`/api/room/participants/${guest.identity}/role`, { role: 'organizer' }),
    guest.send('PATCH', '/api/room/policy', { allowMicrophone: false }),
    other.send('GET', '/api/room/lobby'),
    other.post('/api/room/lobby/admit-all'),
  ]
  for (const answer of await Promise.all(tries)) {
    assert.equal(answer.status, 403)
    assert.match(answer.body.error!.code, /^Not(Allowed|Admitted)$/)
  }
  assert.equal(
    guest.told.some(({ event }) => event === 'lobby'),
    false,
  )
  await house.dismiss()
})

test('locked: nobody new, whatever their way; unlocked by the organizer they come in', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  assert.equal((await organizer.post('/api/room/lock')).status, 200)
  await organizer.hears('meeting', ({ locked }) => locked === true)
  const guest = await house.guest(meeting, 'Grace')
  const colleague = await house.member(1)
  await colleague.ask(meeting.threadId, '')
  const byCode = house.person()
  const answer = await byCode.post('/api/door/ask', { code: { meetingId: meeting.code }, name: 'Code' })
  for (const admission of [guest.admission, colleague.admission, answer.body.admission])
    assert.deepEqual([admission?.state, admission?.reason], ['waiting', 'locked'])
  assert.equal((await organizer.post(`/api/room/lobby/${guest.admission!.id}/admit`)).status, 200)
  await organizer.post('/api/room/unlock')
  await until('the colleague to be let in', async () => (await colleague.me()).body.admission?.state === 'admitted')
  await house.dismiss()
})

test('a secret opens its own admission and no other, whole and unchanged', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const [one, two] = [await house.guest(meeting, 'One'), await house.guest(meeting, 'Two')]
  const { id, secret } = one.admission!
  const flipped = `${secret.slice(0, -2)}${secret.at(-2) === 'A' ? 'B' : 'A'}${secret.at(-1)}`
  for (const value of [
    '',
    'Admission',
    `Admission ${id}`,
    `Admission ${id}.`,
    `Admission ${id}.${flipped}`,
    `Admission ${id}.${two.admission!.secret}`,
    `Admission ${two.admission!.id}.${secret}`,
    `Bearer ${id}.${secret}`,
  ]) {
    const answer = await one.send('POST', '/api/door/media-token', {}, { authorization: value })
    assert.deepEqual([answer.status, answer.body.error?.code], [401, 'AdmissionRequired'], value)
  }
  const forged = one.media!.token.split('.')
  const claims = JSON.parse(Buffer.from(forged[1]!, 'base64url').toString('utf8')) as Record<string, unknown>
  const swapped = Buffer.from(JSON.stringify({ ...claims, sub: two.identity })).toString('base64url')
  assert.equal(await opens({ ...one.media!, token: [forged[0], swapped, forged[2]].join('.') }), false)
  assert.ok(Number(claims.exp) - Number(claims.nbf) <= 600, 'a media token lives minutes')
  const keyFile = join(house.server.dataFolder, 'media.json')
  if (existsSync(keyFile)) {
    const { key, secret } = JSON.parse(readFileSync(keyFile, 'utf8')) as { key: string; secret: string }
    const signed = (expires: string, word = secret) =>
      new SignJWT({ video: claims.video })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(key)
        .setSubject(two.identity)
        .setNotBefore('2 hours ago')
        .setExpirationTime(expires)
        .sign(new TextEncoder().encode(word))
    assert.equal(await opens({ ...one.media!, token: await signed('5 minutes from now') }), true)
    assert.equal(await opens({ ...one.media!, token: await signed('10 minutes ago') }), false, 'expired')
    assert.equal(await opens({ ...one.media!, token: await signed('5 minutes from now', `${secret}x`) }), false, 'forged')
  }
  await house.dismiss()
})
