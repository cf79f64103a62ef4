import assert from 'node:assert/strict'
import { isDead, type Person, until } from '../person.ts'
import { sendFrom, sources, trackOf } from '../sender.ts'
import { isLetIn } from '../signal.ts'
import type { Cast, CastMeeting } from './cast.ts'

export const actors = ['organizer', 'coorganizer', 'presenter', 'attendee'] as const
export type ActorRole = (typeof actors)[number]

/** Somebody who tries, a guest who is in and sends everything, and one who waits. */
interface Scene {
  house: Cast['house']
  meeting: CastMeeting
  actor: Person
  target: Person
  waiting: Person
}

interface Act {
  name: string
  does(scene: Scene): Promise<{ status: number; body: Record<string, unknown> }>
  /** Whether it has happened, seen from outside: by others in the media room, at its door, by who was meant. */
  happened(scene: Scene, body: Record<string, unknown>): boolean | Promise<boolean>
  /** Put back what would stand in the way of the next; only after it happened. */
  undo?(scene: Scene): Promise<unknown>
}

const participant = ({ target }: Scene, act: string) => `/api/room/participants/${target.identity}/${act}`
const roleOfTarget = ({ actor, target }: Scene) => actor.room!.remoteParticipants.get(target.identity)?.attributes.role
const makeAttendee = (scene: Scene) => scene.actor.post(participant(scene, 'role'), { role: 'attendee' })
/** Speak anew: the headless client has no way to lift a mute that came from outside. */
const unmute = async ({ actor, target }: Scene) => {
  const publications = [...target.room!.localParticipant!.trackPublications.values()]
  const muted = publications.find(({ source }) => source === sources.microphone)
  await target.room!.localParticipant!.unpublishTrack(muted!.sid!)
  await sendFrom(target.room!, 'microphone')
  await until('the target to be heard again', async () => trackOf(actor, target, 'microphone')?.muted === false)
}

/** In this order: each leaves the next what it needs. */
const acts: Act[] = [
  {
    name: 'see who waits',
    does: ({ actor }) => actor.send('GET', '/api/room/lobby'),
    happened: ({ waiting }, body) => JSON.stringify(body).includes(waiting.admission!.id),
  },
  {
    name: 'write to who waits',
    does: ({ actor }) => actor.post('/api/room/lobby/message', { text: 'Soon' }),
    happened: ({ waiting }) => waiting.told.some(({ event, data }) => event === 'message' && data.text === 'Soon'),
  },
  {
    name: 'mute an attendee',
    does: (scene) => scene.actor.post(participant(scene, 'mute')),
    happened: ({ actor, target }) => trackOf(actor, target, 'microphone')?.muted === true,
    undo: unmute,
  },
  {
    name: 'mute all',
    does: ({ actor }) => actor.post('/api/room/mute-all'),
    happened: ({ actor, target }) => trackOf(actor, target, 'microphone')?.muted === true,
    undo: unmute,
  },
  {
    name: 'stop a share',
    does: (scene) => scene.actor.post(participant(scene, 'stop-share')),
    happened: ({ actor, target }) => trackOf(actor, target, 'share') === undefined,
  },
  {
    name: 'forbid or allow microphone, camera, share, chat, reactions',
    does: ({ actor }) => actor.send('PATCH', '/api/room/policy', { allowCamera: false }),
    happened: ({ actor, target }) => trackOf(actor, target, 'camera') === undefined,
  },
  {
    name: 'make presenter or attendee',
    does: (scene) => scene.actor.post(participant(scene, 'role'), { role: 'presenter' }),
    happened: (scene) => roleOfTarget(scene) === 'presenter',
    undo: makeAttendee,
  },
  {
    name: 'make coorganizer',
    does: (scene) => scene.actor.post(participant(scene, 'role'), { role: 'coorganizer' }),
    happened: (scene) => roleOfTarget(scene) === 'coorganizer',
    undo: makeAttendee,
  },
  {
    name: 'lock and unlock',
    does: ({ actor }) => actor.post('/api/room/lock'),
    happened: async ({ house, meeting }) => {
      const late = house.person()
      await late.ask(meeting.threadId, 'Late')
      return late.admission?.reason === 'locked'
    },
    undo: ({ actor }) => actor.post('/api/room/unlock'),
  },
  {
    name: 'see personal links',
    does: ({ actor }) => actor.send('GET', '/api/room/invitations'),
    happened: (_scene, body) => Array.isArray(body.invitations) && body.invitations.length === 1,
  },
  {
    name: 'let in',
    does: ({ actor, waiting }) => actor.post(`/api/room/lobby/${waiting.admission!.id}/admit`),
    happened: ({ waiting: { media } }) => media !== undefined && isLetIn(media),
  },
  {
    name: 'remove an attendee',
    does: (scene) => scene.actor.post(participant(scene, 'remove'), { mayReturn: true }),
    happened: ({ target }) => isDead(target.media!),
  },
  {
    name: 'end for all',
    does: ({ actor }) => actor.post('/api/room/end'),
    happened: async ({ meeting }) => (await meeting.organizer.me()).body.admission?.state === 'expired',
  },
]

/** Each thing that can be done in a room, tried by each role; what the answer says must be what others see. */
export async function powersTable(cast: Cast): Promise<string[][]> {
  const columns = await Promise.all(actors.map((role) => tryAll(cast, role)))
  return acts.map(({ name }, index) => [name, ...columns.map((cells) => cells[index]!)])
}

async function tryAll(cast: Cast, role: ActorRole): Promise<string[]> {
  const scene = await sceneOf(cast, role)
  const cells: string[] = []
  for (const act of acts) {
    const { status, body } = await act.does(scene)
    assert.ok(status < 300 || status === 403, `${role}: ${act.name}: ${status}`)
    const isDone = status < 300
    if (isDone) await until(`${role}: ${act.name}`, async () => act.happened(scene, body))
    else assert.equal(await act.happened(scene, body), false, `${role} was refused, and it happened: ${act.name}`)
    if (isDone) await act.undo?.(scene)
    cells.push(isDone ? 'yes' : 'no')
  }
  return cells
}

/** Somebody of a role, let into a meeting. */
export async function actorOf(cast: Cast, role: ActorRole, meeting: CastMeeting): Promise<Person> {
  if (role === 'organizer') return meeting.organizer
  const actor = await {
    coorganizer: () => cast.signedIn(cast.coorganizer),
    presenter: () => cast.signedIn(cast.presenter),
    attendee: async () => cast.house.person(),
  }[role]()
  const { body } = await actor.ask(meeting.threadId, role)
  assert.equal(body.admission?.role, role)
  return actor
}

async function sceneOf(cast: Cast, role: ActorRole): Promise<Scene> {
  const { house } = cast
  const meeting = await cast.meeting()
  const actor = await actorOf(cast, role, meeting)
  if (actor !== meeting.organizer) await actor.enter()
  const target = house.person()
  await target.ask(meeting.threadId, 'Target')
  const room = await target.enter()
  for (const source of ['microphone', 'camera', 'share'] as const) await sendFrom(room, source)
  await until('everything to be seen', async () =>
    (['microphone', 'camera', 'share'] as const).every((source) => trackOf(actor, target, source) !== undefined),
  )
  await house.patch(meeting, { accessLevel: 'invited' })
  const waiting = await house.guest(meeting, 'Waits')
  assert.equal(waiting.admission?.state, 'waiting')
  return { house, meeting, actor, target, waiting }
}
