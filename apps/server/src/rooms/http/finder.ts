import { createHmac } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { senderOf } from '../../common/network.ts'
import type { Finder } from './find-meeting.ts'
import type { RoomsContext } from './rooms-context.ts'
import { bearerOf, knownDeviceOf } from './who-asks.ts'

/** Who sends a request, before anything of it is believed but what proves itself: a session, a token, a browser that was in. */
export function finderOf(request: FastifyRequest, reply: FastifyReply, context: RoomsContext): Finder {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return {
    address: request.ip,
    signal: gone.signal,
    knownAs: async (meeting) => {
      const proved = await personOf(request, context)
      if (proved !== undefined) return proved
      const device = knownDeviceOf(request, context)
      if (meeting === undefined || device === undefined) return undefined
      return (await context.rooms.store.wasIn(meeting.id, device)) ? `device ${device} ${meeting.id}` : undefined
    },
  }
}

/** The person or application of a request, for limits; undefined for whoever proves nothing. */
async function personOf(request: FastifyRequest, context: RoomsContext): Promise<string | undefined> {
  const token = bearerOf(request)
  if (token !== undefined) {
    const principal = await context.accessTokens.verify(token).catch(() => undefined)
    return principal && `${principal.kind} ${principal.objectId}`
  }
  // A page elsewhere must not use up what is its visitor's.
  if (request.headers['x-parley-csrf'] === undefined) return undefined
  const user = await context.sessions.sessionOf(request)
  return user === null ? undefined : `user ${user.id}`
}

/** A hash that tells one sender (an address, or an IPv6 /64) from another, and nothing about where it is. */
export function hashOfSender(address: string, key: string): string {
  return createHmac('sha256', key)
    .update(`parley sender ${senderOf(address)}`)
    .digest('base64url')
}
