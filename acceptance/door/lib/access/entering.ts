import assert from 'node:assert/strict'
import { type Person, until, within } from '../person.ts'
import { isLetIn, SignalPeer } from '../signal.ts'
import type { Cast, CastMeeting, WayName, Who } from './cast.ts'
import { wayNames } from './cast.ts'

const levels = ['everyone', 'sameEnterprise', 'sameEnterpriseAndFederated', 'invited', 'locked'] as const
export const columns = [...levels, 'everyone, room locked by hand'] as const
export type Column = (typeof columns)[number]

/** A meeting for each column, at that level from the start. */
export async function meetingsOf(cast: Cast, some: readonly Column[] = columns): Promise<Map<Column, CastMeeting>> {
  const made = await Promise.all(
    some.map(async (column) => {
      const level = column === 'everyone, room locked by hand' ? 'everyone' : column
      const meeting = await cast.meeting({ accessLevel: level })
      if (level !== column) assert.equal((await meeting.organizer.post('/api/room/lock')).status, 200)
      return [column, meeting] as const
    }),
  )
  return new Map(made)
}

/** Everybody by every way at every level there is a meeting for. */
export async function enteringTable(cast: Cast, meetings: Map<Column, CastMeeting>): Promise<string[][]> {
  const rows = cast.who.flatMap((each) => wayNames.map((way) => ({ each, way, cells: new Map<Column, string>() })))
  await Promise.all(
    [...meetings].map(async ([column, meeting]) => {
      for (const { each, way, cells } of rows) cells.set(column, await enter(cast, each, meeting, way))
    }),
  )
  return rows.map(({ each, way, cells }) => [each.who, way, ...[...meetings.keys()].map((column) => cells.get(column)!)])
}

/**
 * Ask, and go to the media server with what came of it: who is in by the link takes part and is seen with that role by
 * the organizer, by the code the media server answers their joining; who is not in has no token, and is turned away
 * there without one and with a forged one.
 */
async function enter(cast: Cast, each: Who, meeting: CastMeeting, way: WayName): Promise<string> {
  const person = await each.person()
  const { admission } = await cast.ask(each, person, meeting, way)
  if (admission.state === 'admitted') {
    if (way === 'link') {
      const room = await person.enter()
      assert.equal(await seenRole(meeting.organizer, person.identity), admission.role)
      await room.disconnect()
    } else assert.equal(await isLetIn(person.media!), true)
    return `in, ${admission.role}`
  }
  await isLeftOutside(person, meeting)
  return `${admission.state}: ${admission.reason}`
}

/** The role in which the media server shows somebody to the organizer. */
export function seenRole(organizer: Person, identity: string): Promise<string> {
  return until(`${identity} to be seen`, async () => organizer.room!.remoteParticipants.get(identity)?.attributes.role)
}

/** Somebody who is not in has no token, and none they could make opens the media room. */
async function isLeftOutside(person: Person, meeting: CastMeeting): Promise<void> {
  const { admission } = person
  assert.equal(person.media, undefined)
  const refused = await person.post('/api/door/media-token')
  assert.deepEqual([refused.status, refused.body.media], [403, undefined])
  const { url, token } = meeting.organizer.media!
  assert.equal(await isLetIn({ url, token: '' }), false, 'without a token')
  const [head, claims, signature] = token.split('.')
  const own = { ...(JSON.parse(Buffer.from(claims!, 'base64url').toString()) as object), sub: admission!.identity }
  const forged = [head, Buffer.from(JSON.stringify(own)).toString('base64url'), signature].join('.')
  assert.equal(await isLetIn({ url, token: forged }), false, 'with a forged token')
  assert.equal(meeting.organizer.room!.remoteParticipants.has(admission!.identity), false)
}

/** Who was removed, in every way they have: denied, also where the rules would let them in. */
export async function returningTable(cast: Cast): Promise<string[][]> {
  const others = cast.who.filter(({ who }) => who !== 'organizer')
  const rows = others.map(async (each) => {
    const meeting = await cast.meeting()
    const person = await each.person()
    const comes = async (who: Person, way: WayName) => {
      const { admission } = await cast.ask(each, who, meeting, way)
      if (admission.state === 'admitted') return `in, ${admission.role}`
      await isLeftOutside(who, meeting)
      return `${admission.state}: ${admission.reason}`
    }
    const removed = async (mayReturn: boolean) => {
      const media = person.media!
      const peer = new SignalPeer(media)
      await peer.joined
      const path = `/api/room/participants/${person.identity}/remove`
      assert.equal((await meeting.organizer.post(path, { mayReturn })).status, 204)
      await within('being sent out', peer.sentOut)
      assert.equal(await isLetIn(media), false, 'the old token')
    }
    await comes(person, 'link')
    await removed(true)
    const allowed = await comes(person, 'link')
    await removed(false)
    const again = [await comes(person, 'link'), await comes(person, 'code and passcode')]
    const elsewhere = await comes(await each.person(), 'link')
    await meeting.organizer.stop()
    return [each.who, allowed, ...again, elsewhere]
  })
  return Promise.all(rows)
}
