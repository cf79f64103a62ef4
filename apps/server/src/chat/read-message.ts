import { ChatError, invalid } from './chat-error.ts'

export interface SentMessage {
  text: string
  replyTo?: string
  mentions?: string[]
}

/** Read the body of a message of docs/door-api.md; members it does not name are left out. Throws ChatError InvalidArgument. */
export function readMessage(body: unknown): SentMessage {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ChatError('InvalidArgument', { message: 'The body must be a JSON object.' })
  const { text, replyTo, mentions } = body as Record<string, unknown>
  if (typeof text !== 'string') throw invalid('text', 'expected text')
  if (replyTo != null && (typeof replyTo !== 'string' || !/^\d{13}$/.test(replyTo))) throw invalid('replyTo', 'no message id')
  if (mentions != null && !Array.isArray(mentions)) throw invalid('mentions', 'expected an array')
  const wrong = (mentions as unknown[] | null | undefined)?.findIndex(
    (each) => typeof each !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(each),
  )
  if (wrong !== undefined && wrong >= 0) throw invalid(`mentions[${wrong}]`, 'expected an identity')
  return {
    text,
    ...(replyTo == null ? {} : { replyTo: replyTo as string }),
    ...(mentions == null ? {} : { mentions: mentions as string[] }),
  }
}
