import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { openChat, readPermissions, seesFrom } from './access.ts'
import { messageItem, messagesAddress, messagesContext, underChats } from './answer.ts'
import { readPage, writeToken } from './page.ts'
import { chatMessage } from './schema.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const meeting = await openChat(request, context)
  const page = readPage(request.query)
  const { messages, more } = await context.chat.list({
    ...page,
    meetingId: meeting.id,
    createdAfter: await seesFrom(request, meeting, context),
  })
  const last = messages.at(-1)
  const next = new URLSearchParams(
    ['$top', '$orderby', '$filter'].flatMap((name) => {
      const value = request.query.system.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  if (more && last !== undefined)
    next.set(
      '$skiptoken',
      writeToken(page.order, { at: page.order === 'created' ? last.createdAt : last.modifiedAt, id: last.id }),
    )
  return {
    status: 200,
    body: {
      '@odata.context': messagesContext(request, meeting),
      '@odata.count': messages.length,
      ...(more ? { '@odata.nextLink': `${messagesAddress(request, meeting)}?${next}` } : {}),
      value: messages.map((message) => messageItem(request, context, meeting, message)),
    },
  }
}

/** `GET /chats/{threadId}/messages` (contract B.16). */
export const listMessages = underChats({
  method: 'GET',
  path: '/messages',
  permissions: readPermissions,
  queryOptions: ['$top', '$orderby', '$filter', '$skiptoken'],
  summary: 'List the messages of a meeting’s chat, newest first',
  answer: { status: 200, schema: chatMessage, collection: true },
  handle,
})
