import type { FastifyInstance } from 'fastify'
import { senderOf } from '../../common/network.ts'
import { RateLimit } from '../../common/rate-limit.ts'
import { originOf } from '../../http/origin.ts'
import { DoorError } from '../admission/door-error.ts'
import type { RoomsContext } from './rooms-context.ts'

/** Tests from one address: a class that opens its laptops at once, then one in two seconds. */
const testsByAddress = { burst: 60, perSecond: 0.5 }

/** `POST /api/door/connection-test`: a token for an empty room, to try the media path before joining. */
export async function connectionTestRoute(app: FastifyInstance, { rooms, config, clock }: RoomsContext): Promise<void> {
  const tests = new RateLimit({ ...testsByAddress, millis: () => clock.millis() })
  app.post('/api/door/connection-test', async (request) => {
    // Nothing here names a person, but other sites have no business making their visitors test us.
    if (request.headers['x-parley-csrf'] === undefined) throw new DoorError('CsrfHeaderMissing')
    const retryAfter = tests.take(senderOf(request.ip))
    if (retryAfter > 0) throw new DoorError('TooManyTries', { retryAfter })
    return rooms.media.testAccess(clock.millis(), originOf(request, config))
  })
}
