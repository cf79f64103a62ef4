import { GraphError } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { openChat, readPermissions, seesFrom } from './access.ts'
import { answerMessage, underChats } from './answer.ts'
import { chatMessage } from './schema.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const meeting = await openChat(request, context)
  const message = await context.chat.find(meeting.id, request.keys.messageId!)
  const from = await seesFrom(request, meeting, context)
  if (message === undefined || (from !== undefined && message.createdAt <= from)) throw new GraphError('chatMessageNotFound')
  return answerMessage(request, context, meeting, message, 200)
}

/** `GET /chats/{threadId}/messages/{id}` (contract B.16). */
export const getMessage = underChats({
  method: 'GET',
  path: '/messages/{messageId}',
  permissions: readPermissions,
  queryOptions: [],
  summary: 'Get a message of a meeting’s chat',
  answer: { status: 200, schema: chatMessage },
  handle,
})
