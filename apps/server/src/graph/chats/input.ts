import type { MessageDraft } from '../../chat/chat-manager.ts'
import type { Mention } from '../../chat/message.ts'
import { isTextOnly } from '../../chat/policy.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { GraphRequest } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import type { Static } from '../schema/types.ts'
import { chatMessage } from './schema.ts'

type Sent = Static<typeof chatMessage>

/** The message a body holds. Attachments are refused rather than lost. Throws GraphError. */
export function readMessage(request: GraphRequest, meeting: Meeting): MessageDraft {
  const sent: Sent = readEntity(chatMessage, readBody(request))
  if (sent.body == null) throw invalidMember('body', 'is required')
  const { content, contentType } = sent.body
  if (content == null) throw invalidMember('body.content', 'is required')
  for (const name of ['attachments', 'hostedContents'] as const)
    if ((sent[name]?.length ?? 0) > 0)
      throw invalidMember(name, 'files are sent in the meeting; by Graph a message holds text, HTML and mentions')
  if (contentType === 'html' && isTextOnly(meeting))
    throw new GraphError('forbidden', { message: 'The chat of this meeting takes text only.' })
  const draft: MessageDraft = { content, html: contentType === 'html' }
  return sent.mentions == null ? draft : { ...draft, mentions: sent.mentions.map(readMention) }
}

type SentMention = NonNullable<NonNullable<Sent['mentions']>[number]>

function readMention(sent: SentMention | null, index: number): Mention {
  const user = sent?.mentioned?.user
  if (user?.id == null || !/^[\x21-\x7e]{1,128}$/.test(user.id))
    throw invalidMember(`mentions[${index}].mentioned.user.id`, 'the id of a user is expected')
  return { identity: user.id, userId: user.id.toLowerCase(), name: (sent?.mentionText ?? user.displayName ?? '').slice(0, 256) }
}
