import type { Operation } from '../operation.ts'
import { deleteMessage, reactToMessage, updateMessage } from './change-message.ts'
import { getChat } from './get-chat.ts'
import { getMessage } from './get-message.ts'
import { listMessages } from './list-messages.ts'
import { sendMessage } from './send-message.ts'

/** The chat of a meeting by Graph (contract B.16). */
export const chatOperations: readonly Operation[] = [
  ...getChat,
  ...listMessages,
  ...getMessage,
  ...sendMessage,
  ...updateMessage,
  ...deleteMessage,
  ...reactToMessage,
]
