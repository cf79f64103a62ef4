import assert from 'node:assert/strict'
import { RoomEvent } from '@livekit/rtc-node'
import { type Person, until } from '../person.ts'
import { tracksGiven } from '../signal.ts'
import type { Cast, CastMeeting } from './cast.ts'
import { type ActorRole, actorOf } from './powers.ts'

export const sendings = ['microphone', 'camera', 'share', 'reactions', 'chat'] as const

const forbidden = {
  allowMicrophone: false,
  allowCamera: false,
  allowShare: false,
  allowChat: false,
  allowReactions: false,
}

/** Meetings in which people may send different things. */
const settings: { name: string; make(cast: Cast): Promise<CastMeeting> }[] = [
  { name: 'as made', make: (cast) => cast.meeting() },
  {
    name: 'everything forbidden to attendees',
    make: async (cast) => {
      const meeting = await cast.meeting()
      assert.equal((await meeting.organizer.send('PATCH', '/api/room/policy', forbidden)).status, 200)
      return meeting
    },
  },
  { name: 'broadcast', make: (cast) => cast.meeting({ meetingType: 'Broadcast' }) },
]

const senders = ['coorganizer', 'presenter', 'attendee'] as const satisfies ActorRole[]

/** What each role may send, tried at the media server. */
export async function sendingTable(cast: Cast): Promise<string[][]> {
  const rooms = await Promise.all(
    settings.map(async ({ name, make }) => {
      const meeting = await make(cast)
      const rows = senders.map(async (role) => {
        const sender = await actorOf(cast, role, meeting)
        const { microphone, camera, share } = await tracksGiven(sender.media!)
        await sender.enter()
        const cells = [microphone, camera, share, await reacts(sender, meeting), await chats(sender)]
        return [name, role, ...cells.map((may) => (may ? 'yes' : 'no'))]
      })
      return Promise.all(rows)
    }),
  )
  return rooms.flat()
}

/** Whether a reaction reaches the others. When it does not, a later one does as soon as the sender may: nothing was only late. */
async function reacts(sender: Person, { organizer }: CastMeeting): Promise<boolean> {
  const got: string[] = []
  organizer.room!.on(RoomEvent.DataReceived, (payload, from) => {
    if (from?.identity === sender.identity) got.push(new TextDecoder().decode(payload))
  })
  const send = (text: string) =>
    sender.room!.localParticipant!.publishData(new TextEncoder().encode(text), { reliable: true, topic: 'parley.reaction' })
  await send('first')
  const { you, policy } = (await sender.me()).body.meeting!
  if (you.canModerate === true || policy.allowReactions === true) {
    await until('the reaction to be seen', async () => got.includes('first'))
    return true
  }
  const role = (role: string) => organizer.post(`/api/room/participants/${sender.identity}/role`, { role })
  assert.equal((await role('presenter')).status, 200)
  await until('a reaction that is allowed', async () => {
    await send('second')
    return got.includes('second')
  })
  assert.equal(got.includes('first'), false)
  return false
}

async function chats(sender: Person): Promise<boolean> {
  const { status } = await sender.post('/api/chat/messages', { text: 'Hello' })
  assert.ok(status === 201 || status === 403, String(status))
  return status === 201
}
