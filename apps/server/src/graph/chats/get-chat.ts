import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { openChat, readPermissions } from './access.ts'
import { underChats } from './answer.ts'
import { chat } from './schema.ts'
import { toChat } from './shape.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const meeting = await openChat(request, context)
  const { messages } = await context.chat.list({ meetingId: meeting.id, order: 'modified', limit: 1 })
  return {
    status: 200,
    body: {
      '@odata.context': `${request.origin}/${request.version}/$metadata#chats/$entity`,
      ...(await toChat(meeting, messages[0]?.modifiedAt ?? null, context)),
    },
  }
}

/** `GET /chats/{threadId}` (contract B.16). */
export const getChat = underChats({
  method: 'GET',
  path: '',
  permissions: readPermissions,
  queryOptions: [],
  summary: 'Get the chat of a meeting',
  answer: { status: 200, schema: chat },
  handle,
})
