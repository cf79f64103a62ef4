import { ChatError } from '../../chat/chat-error.ts'
import type { ChatPerson } from '../../chat/message.ts'
import { sharesHistory } from '../../chat/policy.ts'
import type { Instant } from '../../common/instant.ts'
import { threadGuidOf } from '../../meetings/links.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { GraphContext, GraphRequest } from '../operation.ts'

/** Reading is for members by Chat.Read, and for applications that may read every chat (contract B.16). */
export const readPermissions = {
  application: ['Chat.Read.All', 'Chat.ReadWrite.All'],
  delegated: ['Chat.Read', 'Chat.ReadWrite'],
} as const
/** Applications write nobody's messages: the contract has that for migration only. */
export const sendPermissions = { application: [], delegated: ['ChatMessage.Send', 'Chat.ReadWrite'] } as const
export const changePermissions = { application: [], delegated: ['Chat.ReadWrite'] } as const

/** The meeting whose chat a request names, by a thread id of either suffix, if the caller may see it. Throws GraphError. */
export async function openChat(request: GraphRequest, context: GraphContext): Promise<Meeting> {
  const { principal, keys } = request
  if (request.root === 'users' && principal.kind === 'user' && !(await isOneself(request, context)))
    throw new GraphError('forbidden', { reason: 'a delegated token reads the chats of its own user only' })
  const guid = threadGuidOf(keys.chatId ?? '')
  const meeting = guid === undefined ? undefined : await context.meetingStore.findByThread(guid)
  if (meeting === undefined || meeting.tenantId !== principal.tenantId) throw new GraphError('chatNotFound')
  if (principal.kind === 'user' && !(await isMember(meeting, principal.objectId, context)))
    throw new GraphError('forbidden', {
      message: 'The user is not a member of the chat.',
      about: principal.objectId,
      reason: 'neither organizer nor invited, and never in the meeting',
    })
  return meeting
}

/**
 * The moment a caller sees messages from, where the meeting keeps its history to those who were there; undefined for
 * all of it. Somebody invited who never came sees nothing yet.
 */
export async function seesFrom(request: GraphRequest, meeting: Meeting, context: GraphContext): Promise<Instant | undefined> {
  const { principal } = request
  const userId = principal.objectId.toLowerCase()
  if (sharesHistory(meeting) || principal.kind === 'app' || userId === meeting.organizerId) return undefined
  return (await context.chatAccess.firstAdmitted(meeting.id, userId)) ?? context.clock.now()
}

/** Whether a person belongs to a meeting's chat: organizer, invited, ever let in, or once written in it. */
export async function isMember(meeting: Meeting, userId: string, context: GraphContext): Promise<boolean> {
  const id = userId.toLowerCase()
  if (meeting.organizerId === id) return true
  if (await context.chatAccess.isKeptOut(meeting.id, id)) return false
  if (meeting.attendees.some(({ identity }) => identity?.user?.id?.toLowerCase() === id)) return true
  if ((await context.chatAccess.firstAdmitted(meeting.id, id)) !== null) return true
  if (await context.chat.hasWritten(meeting.id, id)) return true
  const user = await context.directory.users.find(meeting.tenantId, id)
  return user !== undefined && meeting.attendees.some(({ upn }) => upn?.toLowerCase() === user.upnKey)
}

/** The person of a delegated token, as the chat shows them. */
export async function writerOf(request: GraphRequest, meeting: Meeting, context: GraphContext): Promise<ChatPerson> {
  const id = request.principal.objectId.toLowerCase()
  const user = await context.directory.users.find(meeting.tenantId, id)
  const invited = meeting.attendees.find(({ identity }) => identity?.user?.id?.toLowerCase() === id)?.identity?.user
  return { identity: id, userId: id, name: user?.displayName ?? invited?.displayName ?? id, kind: 'user' }
}

const members: Record<string, string> = { text: 'body.content', emoji: 'reactionType', mentions: 'mentions' }

/** A refusal of the chat in Graph's words. */
export function toGraphError(error: unknown): unknown {
  if (!(error instanceof ChatError)) return error
  const { message, target } = error
  switch (error.code) {
    case 'InvalidArgument':
      return target === undefined
        ? new GraphError('invalidArgument', { message })
        : invalidMember(members[target] ?? target, message.replace(/^Invalid value for '[^']*': /, '').replace(/\.$/, ''))
    case 'MessageNotFound':
      return new GraphError('chatMessageNotFound')
    case 'Conflict':
      return new GraphError('preconditionFailed')
    case 'TooManyRequests':
      return new GraphError('tooManyRequests', { headers: { 'Retry-After': String(error.retryAfter ?? 1) } })
    default:
      return new GraphError('forbidden', { message, reason: message })
  }
}

async function isOneself(request: GraphRequest, context: GraphContext): Promise<boolean> {
  const key = request.keys.userId?.toLowerCase() ?? ''
  if (key === request.principal.objectId.toLowerCase()) return true
  const user = await context.directory.users.findByUpn(key)
  return user?.id === request.principal.objectId.toLowerCase()
}
