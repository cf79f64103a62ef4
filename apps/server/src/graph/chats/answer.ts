import type { StoredMessage } from '../../chat/message.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { parsePrefer } from '../odata/prefer.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { hideUnknownMembers } from '../schema/evolvable.ts'
import { chatMessage } from './schema.ts'
import { chatIdOf, toChatMessage } from './shape.ts'

/** Chats are reached at the root and under a user, in v1.0 and beta. */
export function underChats(operation: Omit<Operation, 'versions'>, roots = ['', '/me', '/users/{userId}']): Operation[] {
  return roots.map((root) => ({ ...operation, versions: ['v1.0', 'beta'], path: `${root}/chats/{chatId}${operation.path}` }))
}

/** `…/$metadata#chats('19%3Ameeting_…%40thread.v2')/messages` (contract C.3). */
export function messagesContext(request: GraphRequest, meeting: Meeting): string {
  return `${request.origin}/${request.version}/$metadata#chats('${encodeURIComponent(chatIdOf(meeting))}')/messages`
}

/** The address of a meeting's messages, for `Location` and next links. */
export function messagesAddress(request: GraphRequest, meeting: Meeting): string {
  return `${request.origin}/${request.version}/chats/${encodeURIComponent(chatIdOf(meeting))}/messages`
}

export function messageItem(
  request: GraphRequest,
  context: GraphContext,
  meeting: Meeting,
  message: StoredMessage,
): Record<string, unknown> {
  const shape = toChatMessage(message, meeting, context.config.publicUrl)
  return parsePrefer(request.headers.prefer).has('include-unknown-enum-members') ? shape : hideUnknownMembers(chatMessage, shape)
}

/** One message as an answer. */
export function answerMessage(
  request: GraphRequest,
  context: GraphContext,
  meeting: Meeting,
  message: StoredMessage,
  status: 200 | 201,
): GraphResponse {
  return {
    status,
    ...(status === 201 ? { headers: { Location: `${messagesAddress(request, meeting)}/${message.id}` } } : {}),
    body: {
      '@odata.context': `${messagesContext(request, meeting)}/$entity`,
      ...messageItem(request, context, meeting, message),
    },
  }
}
