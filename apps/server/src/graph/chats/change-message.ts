import type { ChatPerson } from '../../chat/message.ts'
import { checkWriting } from '../../chat/policy.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { invalidMember } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import { changePermissions, openChat, sendPermissions, toGraphError, writerOf } from './access.ts'
import { underChats } from './answer.ts'
import { readMessage } from './input.ts'
import { chatMessage, reactionBody } from './schema.ts'

type Change = (request: GraphRequest, context: GraphContext, meeting: Meeting, person: ChatPerson) => Promise<unknown>

/** A change answers 204 (as Graph does), or the chat's refusal in Graph's words. */
function change(run: Change): Operation['handle'] {
  return async (request, context): Promise<GraphResponse> => {
    const meeting = await openChat(request, context)
    const person = await writerOf(request, meeting, context)
    try {
      await run(request, context, meeting, person)
    } catch (error) {
      throw toGraphError(error)
    }
    return { status: 204 }
  }
}

async function checkOpen(context: GraphContext, meeting: Meeting): Promise<void> {
  checkWriting(meeting, context.clock.now(), { inCall: await context.attendance.isLive(meeting.id) })
}

/** `PATCH /chats/{threadId}/messages/{id}`: one's own text. */
export const updateMessage = underChats({
  method: 'PATCH',
  path: '/messages/{messageId}',
  permissions: changePermissions,
  queryOptions: [],
  summary: 'Change the text of one’s own message',
  requestBody: chatMessage,
  answer: { status: 204 },
  handle: change(async (request, context, meeting, person) => {
    const draft = readMessage(request, meeting)
    await checkOpen(context, meeting)
    await context.chat.edit(meeting, request.keys.messageId!, person, draft)
  }),
})

/** `POST …/messages/{id}/softDelete`: one's own message, or the organizer's choice. */
export const deleteMessage = underChats({
  method: 'POST',
  path: '/messages/{messageId}/softDelete',
  permissions: changePermissions,
  queryOptions: [],
  summary: 'Delete a message',
  answer: { status: 204 },
  handle: change((request, context, meeting, person) =>
    context.chat.remove(meeting, request.keys.messageId!, person, { moderates: person.userId === meeting.organizerId }),
  ),
})

/** `POST …/messages/{id}/setReaction` and `unsetReaction`. */
export const reactToMessage = (['setReaction', 'unsetReaction'] as const).flatMap((name) =>
  underChats({
    method: 'POST',
    path: `/messages/{messageId}/${name}`,
    permissions: sendPermissions,
    queryOptions: [],
    summary: name === 'setReaction' ? 'React to a message' : 'Take a reaction back',
    requestBody: reactionBody,
    answer: { status: 204 },
    handle: change(async (request, context, meeting, person) => {
      const { reactionType } = readEntity(reactionBody, readBody(request))
      if (reactionType == null) throw invalidMember('reactionType', 'is required')
      await checkOpen(context, meeting)
      await context.chat.react(meeting, request.keys.messageId!, person, reactionType, name === 'setReaction')
    }),
  }),
)
