import { type LobbyOutcome, maxLobbyMessage } from '@parley/door-api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { formatInstant } from '../../common/instant.ts'
import { type Admission, roles } from '../admission/admission.ts'
import { DoorError } from '../admission/door-error.ts'
import { isOrganizing, type Policy, type Powers, policyMembers, policyOf } from '../admission/policy.ts'
import { takesPart } from '../admission/token-grants.ts'
import { waitingView } from '../events/views.ts'
import { callerOf } from './caller.ts'
import { invalid, optionalFlag, optionalText, readObject, text } from './read.ts'
import type { RoomsContext } from './rooms-context.ts'

interface LobbyRoute {
  Params: { id: string }
}

interface ParticipantRoute {
  Params: { identity: string }
}

/** `/api/room`: admitting and moderating (docs/door-api.md). */
export async function roomRoutes(app: FastifyInstance, context: RoomsContext): Promise<void> {
  const { rooms } = context
  const { door, moderation } = rooms

  /** The caller, if they are in and have a power. Throws DoorError. */
  async function actorOf(request: FastifyRequest, power: keyof Powers): Promise<Admission> {
    const admission = await callerOf(request, context)
    const { powers } = await door.powers(admission)
    if (!powers[power]) throw new DoorError('NotAllowed')
    return admission
  }

  app.get('/api/room/lobby', async (request) => {
    const actor = await actorOf(request, 'canAdmit')
    return { waiting: (await door.waiting(actor.meetingId)).map((one) => waitingView(one, actor)) }
  })

  for (const verdict of ['admit', 'deny'] as const) {
    app.post<LobbyRoute>(`/api/room/lobby/:id/${verdict}`, async (request): Promise<LobbyOutcome> => {
      const actor = await actorOf(request, 'canAdmit')
      const { id, state, reason, decidedBy } = await door[verdict](actor, request.params.id)
      return { id, state, reason, by: decidedBy }
    })
  }

  app.post('/api/room/lobby/admit-all', async (request) => {
    const settled = await door.admitAll(await actorOf(request, 'canAdmit'))
    return { count: settled.length }
  })

  app.post('/api/room/lobby/deny-all', async (request) => {
    const settled = await door.denyAll(await actorOf(request, 'canAdmit'))
    return { count: settled.length }
  })

  app.post('/api/room/lobby/message', async (request) => {
    const actor = await actorOf(request, 'canAdmit')
    const body = readObject(request.body)
    const message = text(body, 'text', maxLobbyMessage)
    return { reached: await moderation.message(actor, message, optionalText(body, 'id', 64) ?? null) }
  })

  const acts = {
    mute: (actor: Admission, identity: string) => moderation.mute(actor, identity),
    'stop-share': (actor: Admission, identity: string) => moderation.stopShare(actor, identity),
    'stop-camera': (actor: Admission, identity: string) => moderation.stopCamera(actor, identity),
    'lower-hand': (actor: Admission, identity: string) => moderation.lowerHand(actor, identity),
  }
  for (const [name, act] of Object.entries(acts)) {
    app.post<ParticipantRoute>(`/api/room/participants/:identity/${name}`, async (request, reply) => {
      await act(await actorOf(request, 'canModerate'), request.params.identity)
      return reply.code(204).send()
    })
  }

  app.post<ParticipantRoute>('/api/room/participants/:identity/remove', async (request, reply) => {
    const actor = await actorOf(request, 'canModerate')
    const mayReturn = optionalFlag(readObject(request.body), 'mayReturn') ?? false
    await moderation.remove(actor, request.params.identity, mayReturn)
    await rooms.reconciler.settled(actor.meetingId)
    return reply.code(204).send()
  })

  app.post<ParticipantRoute>('/api/room/participants/:identity/role', async (request) => {
    const actor = await actorOf(request, 'canModerate')
    const wanted = text(readObject(request.body), 'role', 20)
    const role = roles.find((known) => known === wanted)
    if (role === undefined) throw invalid('role', `must be one of ${roles.join(', ')}`)
    const changed = await moderation.setRole(actor, request.params.identity, role)
    await rooms.reconciler.settled(actor.meetingId)
    return { identity: changed.identity, role: changed.role }
  })

  app.post('/api/room/mute-all', async (request) => {
    const actor = await actorOf(request, 'canModerate')
    return { muted: await moderation.muteAll(actor, optionalFlag(readObject(request.body), 'allowUnmute')) }
  })

  for (const [name, locked] of [
    ['lock', true],
    ['unlock', false],
  ] as const) {
    app.post(`/api/room/${name}`, async (request) => {
      const actor = await actorOf(request, 'canModerate')
      // In a locked room only organizers let people in; who could unlock it would be past that rule.
      if (!isOrganizing(actor.role)) throw new DoorError('NotAllowed')
      await moderation.setLock(actor, locked)
      return { locked }
    })
  }

  app.post('/api/room/end', async (request, reply) => {
    const actor = await actorOf(request, 'canModerate')
    if (!isOrganizing(actor.role)) throw new DoorError('NotAllowed')
    await moderation.end(actor)
    await rooms.reconciler.settled(actor.meetingId)
    return reply.code(204).send()
  })

  app.patch('/api/room/policy', async (request) => {
    const actor = await actorOf(request, 'canModerate')
    const body = readObject(request.body)
    const unknown = Object.keys(body).find((name) => !(policyMembers as readonly string[]).includes(name))
    if (unknown !== undefined) throw invalid(unknown, 'is no part of the policy')
    const change: Partial<Policy> = {}
    for (const name of policyMembers) {
      const value = optionalFlag(body, name)
      if (value !== undefined) change[name] = value
    }
    await moderation.setPolicy(actor, change)
    await rooms.reconciler.settled(actor.meetingId)
    return { policy: await rooms.policy(actor.meetingId) }
  })

  app.get('/api/room/invitations', async (request) => {
    const admission = await callerOf(request, context)
    const { meeting, powers } = await door.powers(admission)
    if (!powers.canModerate || !isOrganizing(admission.role)) throw new DoorError('NotAllowed')
    return { invitations: await rooms.invitationsOf(meeting) }
  })

  /** One's own hand. The server writes it: what clients may write of themselves, they could write of their role. */
  app.post('/api/room/hand', async (request, reply) => {
    const admission = await callerOf(request, context)
    const { meeting, powers } = await door.powers(admission)
    if (!takesPart(admission)) throw new DoorError('NotAllowed')
    const raised = optionalFlag(readObject(request.body), 'raised')
    if (raised === undefined) throw invalid('raised', 'is required')
    if (raised && !powers.canModerate && !policyOf(meeting).allowReactions) throw new DoorError('NotAllowed')
    const hand = raised ? formatInstant(context.clock.now()) : ''
    if (!(await rooms.media.setAttributes(admission.meetingId, admission.identity, { hand }))) throw new DoorError('NotInRoom')
    return reply.code(204).send()
  })
}
