import { cleanName } from '@parley/door-api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { senderOf } from '../../common/network.ts'
import { RateLimit } from '../../common/rate-limit.ts'
import { originOf } from '../../http/origin.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { optionsOf } from '../../meetings/meeting-options.ts'
import { isLive, type Reason, type Way } from '../admission/admission.ts'
import { DoorError, doorErrors } from '../admission/door-error.ts'
import { admissionOf, callerOf } from './caller.ts'
import { CodeTries } from './code-tries.ts'
import { findMeeting } from './find-meeting.ts'
import { finderOf, hashOfSender } from './finder.ts'
import { invalid, optionalText, readObject, text } from './read.ts'
import type { RoomsContext } from './rooms-context.ts'
import { openStream } from './stream.ts'
import { deviceOf, deviceOfApplication, whoAsks } from './who-asks.ts'

/** Strangers asking from one address: a whole school at once, but no flood. Those who are known have a budget of their own. */
const asksByAddress = { burst: 2_000, perSecond: 10 }
const asksOfKnown = { burst: 200, perSecond: 2 }

/** Why somebody was not let straight in, for administrators. */
const reasonWords: Record<Reason, string> = {
  lobby: 'the lobby is for everybody',
  notStarted: 'before the opening, and no organizer is in',
  locked: 'the meeting is locked',
  guestRemoved: 'somebody was removed for good, so whom nobody knows is let in by hand',
  invitedOnly: 'not among the attendees, or not signed in',
  organizationOnly: 'not signed in as somebody of the organization',
  organizerMissing: 'no organizer is in',
  full: 'the meeting is full',
  denied: 'turned away',
  removed: 'was removed without return',
  cancelled: 'the meeting was cancelled',
  expired: 'the meeting has expired',
  deleted: 'the meeting was deleted',
  ended: 'the meeting was ended',
}

/** `/api/door`: asking, waiting and being in (docs/door-api.md). */
export async function doorRoutes(app: FastifyInstance, context: RoomsContext): Promise<void> {
  const { rooms, config, clock, metrics } = context
  const { door } = rooms
  const millis = () => clock.millis()
  const asks = { strangers: new RateLimit({ ...asksByAddress, millis }), known: new RateLimit({ ...asksOfKnown, millis }) }
  const find = {
    meetingStore: context.meetingStore,
    tries: new CodeTries(millis),
    onGuess: (outcome: string, meeting?: Meeting) => {
      metrics.codeTries.inc({ outcome })
      if (outcome === 'wrong' && meeting !== undefined) refused(meeting, 'code', null, doorErrors.PasscodeWrong[1])
    },
  }

  /** For the administrator's page: who was not let straight in, and why. Names of guests are not kept. */
  function refused({ tenantId, joinCode }: Meeting, way: Way, userId: string | null, reason: string): void {
    const operation = `enter ${joinCode} by ${way}`
    context.accessRefusals.note({ tenantId, appId: '', userId: userId ?? undefined, operation, reason })
  }

  app.post('/api/door/ask', async (request, reply) => {
    const body = readObject(request.body)
    const finder = finderOf(request, reply, context)
    const { meeting, way } = await findMeeting(body, finder, find)
    const knownAs = await finder.knownAs(meeting)
    const retryAfter = knownAs === undefined ? asks.strangers.take(senderOf(request.ip)) : asks.known.take(knownAs)
    if (retryAfter > 0) throw new DoorError('TooManyTries', { retryAfter })
    const told = (error: unknown): never => {
      if (error instanceof DoorError && error.status !== 400) refused(meeting, way, null, error.message)
      throw error
    }
    const asker = await whoAsks(request, body, meeting, context).catch(told)
    const lang = (optionalText(body, 'lang', 35) ?? 'en').replace(/[^A-Za-z0-9-]/g, '') || 'en'
    const { appId } = asker
    const device = appId === undefined ? deviceOf(request, reply, context) : deviceOfApplication(appId)
    const { proof, name } = asker
    const sender = hashOfSender(request.ip, rooms.link.secret)
    const { admission, secret } = await door
      .ask({ meeting, way: asker.way ?? way, name, lang, proof, device, sender })
      .catch(told)
    if (admission.state !== 'admitted')
      refused(meeting, admission.way, admission.userId, `${admission.state}: ${reasonWords[admission.reason ?? 'lobby']}`)
    metrics.asks.inc({ way: admission.way, outcome: admission.state })
    return reply.code(201).send(await rooms.answer(admission, originOf(request, config), secret))
  })

  app.get('/api/door/me', async (request) => {
    const admission = await callerOf(request, context)
    if (admission.state === 'waiting') await rooms.sweeper.back(admission.id)
    return rooms.answer(admission, originOf(request, config))
  })

  /** What a page sends that goes (`sendBeacon`), which cannot carry the header. */
  app.post('/api/door/away', async (request, reply) => {
    const { id } = await admissionOf(text(readObject(request.body), 'admission', 100), context)
    rooms.sweeper.away(id)
    return reply.code(204).send()
  })

  app.post('/api/door/media-token', async (request) =>
    rooms.mediaAccess(await callerOf(request, context), originOf(request, config)),
  )

  app.get('/api/door/events', async (request, reply) => {
    const admission = await callerOf(request, context)
    let stop = () => {}
    let isOver = false
    const events = openStream(request, reply, () => {
      isOver = true
      stop()
    })
    const stream = {
      admissionId: admission.id,
      meetingId: admission.meetingId,
      origin: originOf(request, config),
      ...events,
    }
    try {
      const { seq, release } = await rooms.feed.pin(admission.meetingId)
      const remove = rooms.streams.add(stream)
      stop = () => {
        remove()
        release()
      }
      if (isOver) stop()
      // Read again: something may have been decided between the first look and the moment the stream was listened to.
      const now = (await rooms.store.find(admission.id))?.admission ?? admission
      await rooms.publisher.open(stream, now, { seq, known: lastEventId(request) })
      if (!isLive(now)) stream.end()
    } catch (error) {
      request.log.error({ err: error }, 'an event stream could not be opened')
      stream.end()
    }
    return reply
  })

  app.post('/api/door/rename', async (request) => {
    const admission = await callerOf(request, context)
    const meeting = await context.meetingStore.findById(admission.meetingId)
    if (!isLive(admission) || meeting === undefined) throw new DoorError('AdmissionEnded')
    if (admission.userId !== null || !optionsOf(meeting).allowParticipantsToChangeName) throw new DoorError('NotAllowed')
    const name = cleanName(text(readObject(request.body), 'name', 2_000))
    if (name === undefined) throw invalid('name', 'must be a name of 1 to 100 visible characters')
    return rooms.answer(await door.rename(admission, name), originOf(request, config))
  })

  app.post('/api/door/leave', async (request, reply) => {
    const caller = await callerOf(request, context)
    await door.leave(caller)
    await rooms.reconciler.settled(caller.meetingId)
    return reply.code(204).send()
  })
}

/** The number of the event a page that comes back had last (`Last-Event-ID`); null when it says none. */
function lastEventId(request: FastifyRequest): number | null {
  const header = request.headers['last-event-id']
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null
}
