import type { FastifyInstance } from 'fastify'
import type { Context } from '../../config/context.ts'
import { DoorError } from '../door-error.ts'
import { isModerator } from '../policy.ts'
import { callerOf } from './caller.ts'
import { invalid, optionalFlag, readObject } from './read.ts'

/**
 * `POST /api/room/hand` `{raised}`: raise or lower one's own hand. The server sets the attribute, because a client that
 * may set one attribute in LiveKit may set them all, its role too.
 */
export async function handRoute(app: FastifyInstance, context: Context): Promise<void> {
  app.post('/api/room/hand', async (request, reply) => {
    const { meetingId, identity, state, role } = await callerOf(request, context)
    if (state !== 'admitted') throw new DoorError('AdmissionEnded')
    const raised = optionalFlag(readObject(request.body), 'raised')
    if (raised === undefined) throw invalid('raised', 'must be true or false')
    const { allowReactions } = await context.rooms.policy(meetingId)
    if (raised && !allowReactions && !isModerator(role)) throw new DoorError('NotAllowed')
    const hand = raised ? new Date(context.clock.now()).toISOString() : ''
    await context.rooms.media.setAttributes(meetingId, identity, { hand })
    return reply.code(204).send()
  })
}
