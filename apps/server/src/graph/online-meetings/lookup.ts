import type { User } from '../../identity/directory.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { GraphError } from '../errors.ts'
import { parseFilter } from '../odata/filter.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { answerMeetings } from './answer.ts'
import { isInvited } from './find.ts'
import { readJoinLink } from './join-link.ts'
import { listMeetings } from './list.ts'
import { ownerOf } from './owner.ts'
import { onlineMeeting } from './schema.ts'
import { readPermissions, underUser } from './under-user.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  const lookup = readLookup(request, ['joinweburl', 'joinmeetingidsettings/joinmeetingid'])
  if (lookup === undefined) return listMeetings(request, context, owner)
  const found =
    lookup.property === 'joinweburl'
      ? await findByLink(lookup.value, owner.user, context)
      : await findByCode(lookup.value, owner.user, context)
  return answerMeetings(request, context, owner.context, found === undefined ? [] : [found])
}

/**
 * The one comparison of a lookup. Anything else, and other query options with it, is for the list extension where that is
 * on; else 400 (contract B.5).
 */
export function readLookup<T extends string>(
  request: GraphRequest,
  properties: readonly T[],
): { property: T; value: string } | undefined {
  const listing = request.extensions.has('list')
  const text = request.query.system.get('$filter')
  const filter = text === undefined ? undefined : parseFilter(text)
  if (filter?.kind === 'compare' && filter.operator === 'eq' && filter.literal.type === 'string') {
    const property = properties.find((each) => each === filter.path.toLowerCase())
    if (property !== undefined) return { property, value: filter.literal.value }
  }
  if (listing) return undefined
  throw new GraphError('filterExpected', { target: '$filter' })
}

/** By join link only the organizer succeeds (contract B.5). */
async function findByLink(value: string, user: User, context: GraphContext): Promise<Meeting | undefined> {
  const link = readJoinLink(value)
  if (link === undefined)
    throw new GraphError('invalidArgument', {
      target: 'JoinWebUrl',
      message: "Invalid value for 'JoinWebUrl': not an http or https address.",
    })
  if (link.kind === 'other') return undefined
  const found =
    link.kind === 'code'
      ? await context.meetingStore.findByJoinCode(link.code)
      : await context.meetingStore.findByThread(link.threadGuid)
  if (found === undefined || found.tenantId !== user.tenantId) return undefined
  if (link.kind === 'thread' && (link.organizerId ?? found.organizerId) !== found.organizerId) return undefined
  if (found.organizerId === user.id) return found
  throw lookupRefused(user)
}

/** By meeting code: an attendee is refused like with the link; to a stranger the code is unknown. */
async function findByCode(value: string, user: User, context: GraphContext): Promise<Meeting | undefined> {
  const code = value.replaceAll(/[\s-]/g, '')
  const found = await context.meetingStore.findByJoinCode(code)
  if (found === undefined || found.tenantId !== user.tenantId) return undefined
  if (found.organizerId === user.id) return found
  if (isInvited(found, user)) throw lookupRefused(user)
  return undefined
}

function lookupRefused(user: User): GraphError {
  return new GraphError('forbidden', {
    message: '3003: User does not have access to lookup meeting',
    about: user.id,
    reason: 'only the organizer can look a meeting up by its link or code',
  })
}

/** `GET {u}/onlineMeetings?$filter=…`. */
export const lookupMeeting = underUser({
  method: 'GET',
  path: '/onlineMeetings',
  permissions: readPermissions,
  queryOptions: ['$filter', '$select'],
  extendedQueryOptions: ['$top', '$orderby', '$skiptoken'],
  summary: 'Find an online meeting by its join link or its code',
  answer: { status: 200, schema: onlineMeeting, collection: true },
  handle,
})
