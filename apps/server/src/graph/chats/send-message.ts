import { checkWriting } from '../../chat/policy.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { openChat, sendPermissions, toGraphError, writerOf } from './access.ts'
import { answerMessage, underChats } from './answer.ts'
import { readMessage } from './input.ts'
import { chatMessage } from './schema.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const meeting = await openChat(request, context)
  const draft = readMessage(request, meeting)
  try {
    checkWriting(meeting, context.clock.now(), { inCall: await context.attendance.isLive(meeting.id) })
    const message = await context.chat.post(meeting, await writerOf(request, meeting, context), draft)
    return answerMessage(request, context, meeting, message, 201)
  } catch (error) {
    throw toGraphError(error)
  }
}

/** `POST /chats/{threadId}/messages` (contract B.16). */
export const sendMessage = underChats({
  method: 'POST',
  path: '/messages',
  permissions: sendPermissions,
  queryOptions: [],
  summary: 'Write in the chat of a meeting',
  requestBody: chatMessage,
  answer: { status: 201, schema: chatMessage },
  handle,
})
