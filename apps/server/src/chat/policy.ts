import type { Instant } from '../common/instant.ts'
import { type Meeting, stateOf } from '../meetings/meeting.ts'
import { ChatError } from './chat-error.ts'

type ChatMode = 'enabled' | 'disabled' | 'limited'

/** The meeting's `allowMeetingChat` (meetingChatMode, contract B.8). */
function chatMode(meeting: Pick<Meeting, 'options'>): ChatMode {
  const mode = meeting.options.allowMeetingChat
  return mode === 'disabled' || mode === 'limited' ? mode : 'enabled'
}

/** Whether late comers see what was written before they came; only an explicit `none` hides it. */
export function sharesHistory(meeting: Pick<Meeting, 'options'>): boolean {
  return meeting.options.shareMeetingChatHistoryDefault !== 'none'
}

/** Whether `chatRestrictions.allowTextOnly` keeps files and formatting out. */
export function isTextOnly(meeting: Pick<Meeting, 'options'>): boolean {
  const restrictions = meeting.options.chatRestrictions
  return typeof restrictions === 'object' && restrictions !== null && 'allowTextOnly' in restrictions
    ? restrictions.allowTextOnly === true
    : false
}

/**
 * Throws ChatError unless somebody may write in this meeting's chat now. `limited` asks for a call going on; people
 * who come through the door are in it.
 */
export function checkWriting(meeting: Meeting, now: Instant, options: { inCall: boolean }): void {
  const mode = chatMode(meeting)
  if (mode === 'disabled') throw new ChatError('ChatDisabled')
  const state = stateOf(meeting, now)
  if (state === 'cancelled' || state === 'expired')
    throw new ChatError('ChatDisabled', { message: `The meeting is ${state}; its chat can only be read.` })
  if (mode === 'limited' && !options.inCall)
    throw new ChatError('ChatDisabled', { message: 'The chat of this meeting is open only while the meeting goes on.' })
}
