// tier: quick, 16 s, shared
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AudioFrame, AudioSource, LocalAudioTrack, type Room, TrackPublishOptions, TrackSource } from '@livekit/rtc-node'
import { House } from './lib/house.ts'
import { type Person, until, within } from './lib/person.ts'

let house: House
before(async () => {
  house = await House.shared()
})
after(() => house?.close())

/** A media server says no by silence: so long it is waited for. */
const silenceMs = 5_000

/** Publish silence from a microphone; rejects when the media server gives no track for it in time. */
async function speak(room: Room, ms?: number): Promise<void> {
  const source = new AudioSource(48_000, 1)
  const track = LocalAudioTrack.createAudioTrack('voice', source)
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE })
  await within('a microphone to be published', room.localParticipant!.publishTrack(track, options), ms)
  await source.captureFrame(AudioFrame.create(48_000, 1, 480))
}

const microphoneOf = (by: Person, of: Person) =>
  [...(by.room!.remoteParticipants.get(of.identity)?.trackPublications.values() ?? [])].find(
    ({ source }) => source === TrackSource.SOURCE_MICROPHONE,
  )

test('muted by the organizer, for everybody; then forbidden to speak, then allowed again', { timeout: 300_000 }, async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  await organizer.enter()
  await guest.enter()
  await speak(guest.room!)
  await until('the organizer to have the microphone', async () => microphoneOf(organizer, guest)?.muted === false)
  assert.equal((await organizer.post(`/api/room/participants/${guest.identity}/mute`)).status, 204)
  assert.equal((await guest.hears('notice')).kind, 'muted')
  await until('the track to be muted', async () => microphoneOf(organizer, guest)?.muted === true)

  const all = await organizer.post('/api/room/mute-all', { allowUnmute: false })
  assert.equal(all.status, 200)
  await guest.hears('room', ({ policy }) => (policy as { allowMicrophone: boolean }).allowMicrophone === false)
  await until('the forbidden track to be gone', async () => microphoneOf(organizer, guest) === undefined)
  await assert.rejects(speak(guest.room!, silenceMs), 'forbidden by the media server too')

  await organizer.send('PATCH', '/api/room/policy', { allowMicrophone: true })
  await until('the right to speak', async () =>
    speak(guest.room!, silenceMs).then(
      () => true,
      () => false,
    ),
  )
  await until('the organizer to hear again', async () => microphoneOf(organizer, guest)?.muted === false)
  await house.dismiss()
})

test('a role given in the room moves rights, in the API and in the media room', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  await organizer.enter()
  await guest.enter()
  await organizer.send('PATCH', '/api/room/policy', { allowCamera: false, allowMicrophone: false, allowShare: false })
  await assert.rejects(speak(guest.room!, silenceMs))
  assert.equal(
    (await organizer.post(`/api/room/participants/${guest.identity}/role`, { role: 'presenter' })).body.role,
    'presenter',
  )
  assert.equal((await guest.hears('notice', ({ kind }) => kind === 'role')).role, 'presenter')
  await guest.hears('meeting', ({ you }) => (you as { canModerate: boolean }).canModerate)
  await until(
    'the role to be seen in the room',
    async () => organizer.room!.remoteParticipants.get(guest.identity)?.attributes.role === 'presenter',
  )
  await until('the right to speak', async () =>
    speak(guest.room!, silenceMs).then(
      () => true,
      () => false,
    ),
  )
  assert.equal((await guest.send('GET', '/api/room/lobby')).status, 200)
  assert.equal((await guest.post(`/api/room/participants/${guest.identity}/role`, { role: 'coorganizer' })).status, 403)
  await house.dismiss()
})

test('nobody writes their own name or role into the room; hands go by the API', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  await organizer.enter()
  await guest.enter()
  await within('an answer', guest.room!.localParticipant!.setAttributes({ role: 'organizer' }), 8_000).catch(() => undefined)
  await within('an answer', guest.room!.localParticipant!.updateName('Heidi Steen'), 8_000).catch(() => undefined)
  assert.equal((await guest.post('/api/room/hand', { raised: true })).status, 204)
  const seen = () => organizer.room!.remoteParticipants.get(guest.identity)
  await until('the hand to be seen', async () => (seen()?.attributes.hand ?? '') !== '')
  assert.deepEqual([seen()?.attributes.role, seen()?.name], ['attendee', 'Grace'])
  assert.equal((await organizer.post(`/api/room/participants/${guest.identity}/lower-hand`)).status, 204)
  await until('the hand to be down', async () => (seen()?.attributes.hand ?? '') === '')
  await house.dismiss()
})

test('in a broadcast attendees watch', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone', meetingType: 'Broadcast' })
  const guest = await house.guest(meeting, 'Grace')
  await guest.enter()
  await assert.rejects(speak(guest.room!, silenceMs))
  const colleague = await house.member(1)
  const { body } = await colleague.ask(meeting.threadId, '')
  assert.deepEqual([body.admission?.role, body.meeting?.you.canPresent], ['attendee', false])
  await house.dismiss()
})

test('a change by the Graph of today shows in the room at once', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const guest = await house.guest(meeting, 'Grace')
  await guest.enter()
  const user = house.server.dev.users[0]!.id
  const list = await house.graph.send(
    'GET',
    `/v1.0/users/${user}/onlineMeetings?$filter=${encodeURIComponent(`JoinWebUrl eq '${meeting.joinUrl}'`)}`,
  )
  const { id } = (list.body.value as { id: string }[])[0]!
  const patched = await house.graph.send('PATCH', `/v1.0/users/${user}/onlineMeetings/${encodeURIComponent(id)}`, {
    allowAttendeeToEnableMic: false,
    lobbyBypassSettings: { scope: 'organizer' },
  })
  assert.equal(patched.status, 200, patched.text)
  await guest.hears('meeting', ({ policy }) => (policy as { allowMicrophone: boolean }).allowMicrophone === false)
  await assert.rejects(speak(guest.room!, silenceMs))
  const late = await house.guest(meeting, 'Late')
  assert.deepEqual([late.admission?.state, late.admission?.reason], ['waiting', 'locked'])
  await house.dismiss()
})

test('every change of a property by the Graph of today takes effect in the room: level, subject, roles, chat, reactions, announcements', async () => {
  const meeting = await house.meeting({ accessLevel: 'invited', entryExitAnnouncement: false })
  const organizer = await house.organizer(meeting)
  const colleague = await house.member(1)
  await colleague.ask(meeting.threadId, '')
  await colleague.listen()
  await organizer.post(`/api/room/lobby/${colleague.admission!.id}/admit`)
  await colleague.hears('meeting', ({ you }) => (you as { canModerate: boolean }).canModerate)
  const guest = await house.guest(meeting, 'Grace')
  assert.equal(guest.admission?.state, 'waiting')
  const user = house.server.dev.users[0]!.id
  const filter = encodeURIComponent(`JoinWebUrl eq '${meeting.joinUrl}'`)
  const list = await house.graph.send('GET', `/v1.0/users/${user}/onlineMeetings?$filter=${filter}`)
  const path = `/v1.0/users/${user}/onlineMeetings/${encodeURIComponent((list.body.value as { id: string }[])[0]!.id)}`
  const patch = async (members: Record<string, unknown>) => {
    const answer = await house.graph.send('PATCH', path, members)
    assert.equal(answer.status, 200, answer.text)
  }
  const policy = (name: string, value: boolean) => (data: Record<string, unknown>) =>
    (data.policy as Record<string, boolean>)[name] === value
  const you = (name: string, value: boolean) => (data: Record<string, unknown>) =>
    (data.you as Record<string, boolean>)[name] === value

  await patch({ lobbyBypassSettings: { scope: 'everyone' } })
  await guest.hears('admission', ({ state, media }) => state === 'admitted' && media !== undefined)

  await patch({ subject: 'Renamed by Graph' })
  for (const person of [organizer, colleague, guest])
    await person.hears('meeting', ({ subject }) => subject === 'Renamed by Graph')

  await patch({ allowMeetingChat: 'disabled' })
  await guest.hears('room', policy('allowChat', false))
  assert.equal((await guest.post('/api/chat/messages', { text: 'Hello' })).status, 403)
  await patch({ allowMeetingChat: 'enabled' })
  assert.equal((await guest.post('/api/chat/messages', { text: 'Hello' })).status, 201)

  await patch({ allowTeamworkReactions: false, allowAttendeeToEnableCamera: false })
  await guest.hears('room', policy('allowReactions', false))
  await guest.hears('room', policy('allowCamera', false))
  await guest.enter()
  assert.equal((await guest.post('/api/room/hand', { raised: true })).status, 403)

  await patch({ allowedLobbyAdmitters: 'organizerAndCoOrganizers' })
  await colleague.hears('meeting', you('canAdmit', false))
  assert.equal((await colleague.send('GET', '/api/room/lobby')).status, 403)
  const from = colleague.told.length
  await patch({ allowedPresenters: 'organizer' })
  await colleague.hears('meeting', you('canModerate', false), from)
  assert.equal((await colleague.post('/api/room/mute-all')).status, 403)
  await patch({ allowedPresenters: 'everyone' })
  await until('the role to be back', async () => (await colleague.me()).body.meeting?.you.canModerate)

  await patch({ isEntryExitAnnounced: true })
  await organizer.hears('meeting', ({ entryExitAnnouncement }) => entryExitAnnouncement === true)
  const late = await house.guest(meeting, 'Late')
  await late.enter()
  assert.equal((await organizer.hears('announce')).name, 'Late')
  await house.dismiss()
})
