import { isGuid } from '../../common/guid.ts'
import { threadGuidOf } from '../../meetings/links.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { type ChangeType, changeTypes } from '../../subscriptions/subscription.ts'
import { isMember } from '../chats/access.ts'
import { GraphError, invalidMember } from '../errors.ts'
import { decodeMeetingId } from '../online-meetings/meeting-id.ts'
import type { GraphContext, GraphRequest } from '../operation.ts'
import type { Resource } from './resource.ts'

/** What a resource leads to, once the caller was found to be allowed to watch it. */
export interface Watched {
  kind: Resource['kind']
  meetingId: string | null
  userId: string | null
  /** What there may be only one of for an application, or null. */
  limit: string | null
  changes: readonly ChangeType[]
}

/** Find what a resource names and check the caller's permissions for it. Throws GraphError 400, 403, 404. */
export async function findWatched(resource: Resource, request: GraphRequest, context: GraphContext): Promise<Watched> {
  switch (resource.kind) {
    case 'callEvents': {
      need(request, ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'], [])
      const { join } = resource
      if ('tenantId' in join && join.tenantId !== null && join.tenantId !== request.principal.tenantId) throw otherTenant()
      const meeting =
        'threadGuid' in join
          ? await context.meetingStore.findByThread(join.threadGuid)
          : await context.meetingStore.findByJoinCode(join.code)
      const { id } = inTenant(meeting, request)
      return { kind: 'callEvents', meetingId: id, userId: null, limit: `callEvents:${id}`, changes: ['updated'] }
    }
    case 'chatMessages': {
      need(request, ['Chat.Read.All', 'Chat.ReadWrite.All'], ['Chat.Read', 'Chat.ReadWrite'])
      const guid = threadGuidOf(resource.chatId)
      const found = guid === undefined ? undefined : await context.meetingStore.findByThread(guid)
      if (found === undefined || found.tenantId !== request.principal.tenantId) throw new GraphError('chatNotFound')
      const { principal } = request
      if (principal.kind === 'user' && !(await isMember(found, principal.objectId, context)))
        throw new GraphError('forbidden', { message: 'The user is not a member of the chat.' })
      return { kind: 'chatMessages', meetingId: found.id, userId: null, limit: null, changes: changeTypes }
    }
    case 'meeting': {
      need(
        request,
        ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'],
        ['OnlineMeetings.Read', 'OnlineMeetings.ReadWrite'],
      )
      const meeting = await organized(resource.meetingId, resource.userId, request, context)
      return { kind: 'meeting', meetingId: meeting.id, userId: meeting.organizerId, limit: null, changes: ['updated', 'deleted'] }
    }
    default:
      return findArtifacts(resource, request, context)
  }
}

type Artifacts = Extract<Resource, { kind: 'transcripts' | 'recordings' }>

/** Transcripts and recordings can be watched; there are none yet, so nothing is told. */
async function findArtifacts(resource: Artifacts, request: GraphRequest, context: GraphContext): Promise<Watched> {
  const permission = resource.kind === 'transcripts' ? 'OnlineMeetingTranscript.Read.All' : 'OnlineMeetingRecording.Read.All'
  const { kind } = resource
  const created = ['created'] as const
  if (resource.scope === 'tenant') {
    need(request, [permission], [])
    return { kind, meetingId: null, userId: null, limit: `${kind}:tenant`, changes: created }
  }
  need(request, [permission], [permission])
  if (resource.scope === 'user') {
    const user = isGuid(resource.userId)
      ? await context.directory.users.find(request.principal.tenantId, resource.userId)
      : undefined
    if (user === undefined) throw new GraphError('userNotFound')
    checkOneself(request, user.id)
    return { kind, meetingId: null, userId: user.id, limit: `${kind}:user:${user.id}`, changes: created }
  }
  const { id } = await organized(resource.meetingId, null, request, context)
  return { kind, meetingId: id, userId: null, limit: `${kind}:${id}`, changes: created }
}

async function organized(
  meetingId: string,
  userId: string | null,
  request: GraphRequest,
  context: GraphContext,
): Promise<Meeting> {
  const key = decodeMeetingId(meetingId)
  const meeting = inTenant(await context.meetingStore.findByThread(key.threadGuid), request)
  if (meeting.organizerId !== (userId ?? key.organizerId).toLowerCase()) throw new GraphError('meetingNotFound')
  checkOneself(request, meeting.organizerId)
  return meeting
}

function checkOneself({ principal }: GraphRequest, userId: string): void {
  if (principal.kind === 'user' && principal.objectId.toLowerCase() !== userId)
    throw new GraphError('forbidden', { about: userId, reason: 'a delegated token watches what is its own user’s only' })
}

function inTenant(meeting: Meeting | undefined, request: GraphRequest): Meeting {
  if (meeting === undefined) throw new GraphError('meetingNotFound')
  if (meeting.tenantId !== request.principal.tenantId) throw otherTenant()
  return meeting
}

/** js#919. */
function otherTenant(): GraphError {
  const reason = 'The meeting tenant does not match the token tenant.'
  return new GraphError('subscriptionQuota', {
    message: `Operation: Create; Exception: [Status Code: Forbidden; Reason: ${reason}]`,
    reason,
  })
}

function need({ principal }: GraphRequest, application: readonly string[], delegated: readonly string[]): void {
  const [held, wanted] = principal.kind === 'app' ? [principal.roles, application] : [principal.scopes, delegated]
  if (!wanted.some((permission) => held.has(permission)))
    throw new GraphError('insufficientPrivileges', {
      reason: `the token lacks ${wanted.join(' or ') || 'an application’s rights'}`,
    })
}

/** The change types asked for, in the documented case and order. Throws GraphError that names the member. */
export function readChangeTypes(text: string, allowed: readonly ChangeType[]): ChangeType[] {
  const asked = text.split(',').map((each) => each.trim().toLowerCase())
  const wrong = asked.find((each) => !allowed.some((type) => type === each))
  if (wrong !== undefined) throw invalidMember('changeType', `expected of this resource: ${allowed.join(', ')}`)
  return changeTypes.filter((type) => asked.includes(type))
}
