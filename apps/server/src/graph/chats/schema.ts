import { bool, collection, complex, dateTime, entity, enumeration, text } from '../schema/types.ts'

const content = 4 * 8_000

/** itemBody of a chat message. */
const itemBody = complex('itemBody', {
  contentType: enumeration('bodyType', ['text', 'html']),
  content: text({ maxLength: content }),
})

const teamworkUserIdentity = complex('teamworkUserIdentity', {
  id: text(),
  displayName: text(),
  tenantId: text({ readOnly: true }),
  userIdentityType: enumeration(
    'teamworkUserIdentityType',
    [
      ...([
        'aadUser',
        'onPremiseAadUser',
        'anonymousGuest',
        'federatedUser',
        'personalMicrosoftAccountUser',
        'skypeUser',
      ] as const),
      ...(['phoneUser', 'unknownFutureValue', 'emailUser'] as const),
    ],
    { readOnly: true },
  ),
})

const application = complex('teamworkApplicationIdentity', { id: text(), displayName: text() })

const mention = complex('chatMessageMention', {
  mentionText: text(),
  mentioned: complex('chatMessageMentionedIdentitySet', { user: teamworkUserIdentity }),
})

const attachment = complex('chatMessageAttachment', {
  id: text(),
  contentType: text(),
  contentUrl: text(),
  content: text(),
  name: text(),
})

const reaction = complex('chatMessageReaction', {
  reactionType: text(),
  createdDateTime: dateTime({ readOnly: true }),
  user: complex('chatMessageReactionIdentitySet', { user: teamworkUserIdentity }),
})

/** chatMessage (contract B.16). */
export const chatMessage = entity('chatMessage', {
  id: text({ readOnly: true }),
  replyToId: text({ readOnly: true }),
  etag: text({ readOnly: true }),
  messageType: enumeration('chatMessageType', ['message', 'chatEvent', 'typing', 'unknownFutureValue', 'systemEventMessage'], {
    readOnly: true,
  }),
  createdDateTime: dateTime({ readOnly: true }),
  lastModifiedDateTime: dateTime({ readOnly: true }),
  lastEditedDateTime: dateTime({ readOnly: true }),
  deletedDateTime: dateTime({ readOnly: true }),
  chatId: text({ readOnly: true }),
  webUrl: text({ readOnly: true }),
  body: itemBody,
  from: complex('chatMessageFromIdentitySet', { application, user: teamworkUserIdentity }, { readOnly: true }),
  attachments: collection(attachment),
  hostedContents: collection(complex('chatMessageHostedContent', { id: text() })),
  mentions: collection(mention),
  reactions: collection(reaction, { readOnly: true }),
})

/** The body of setReaction and unsetReaction. */
export const reactionBody = entity('chatMessageReactionBody', { reactionType: text({ maxLength: 64 }) })

/** chat (contract B.16). */
export const chat = entity('chat', {
  id: text({ readOnly: true }),
  topic: text({ readOnly: true }),
  createdDateTime: dateTime({ readOnly: true }),
  lastUpdatedDateTime: dateTime({ readOnly: true }),
  chatType: enumeration('chatType', ['oneOnOne', 'group', 'meeting', 'unknownFutureValue'], { readOnly: true }),
  webUrl: text({ readOnly: true }),
  tenantId: text({ readOnly: true }),
  isHiddenForAllMembers: bool({ readOnly: true }),
  onlineMeetingInfo: complex('teamworkOnlineMeetingInfo', {
    calendarEventId: text(),
    joinWebUrl: text(),
    organizer: teamworkUserIdentity,
  }),
})
