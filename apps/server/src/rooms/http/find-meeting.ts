import { createHash, timingSafeEqual } from 'node:crypto'
import type { RateLimit } from '../../common/rate-limit.ts'
import { threadGuidOf } from '../../meetings/links.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import type { Way } from '../admission/admission.ts'
import { DoorError } from '../admission/door-error.ts'
import { type Body, invalid, optionalObject, optionalText, text } from './read.ts'

export interface FindOptions {
  meetingStore: MeetingStore
  /** Wrong codes and passcodes by address, and wrong passcodes by meeting. */
  tries: { byAddress: RateLimit; byMeeting: RateLimit }
  onGuess(outcome: 'right' | 'wrong' | 'throttled', meeting?: Meeting): void
}

/** The meeting a request names, by its link or by code and passcode. Throws DoorError. */
export async function findMeeting(body: Body, address: string, options: FindOptions): Promise<{ meeting: Meeting; way: Way }> {
  const link = optionalObject(body, 'link')
  const code = optionalObject(body, 'code')
  if ((link === undefined) === (code === undefined)) throw invalid('link', 'or "code" is required, and only one of them')
  if (link !== undefined) return { meeting: await byLink(text(link, 'threadId', 200), options), way: 'link' }
  return { meeting: await byCode(code!, address, options), way: 'code' }
}

async function byLink(threadId: string, { meetingStore }: FindOptions): Promise<Meeting> {
  const guid = threadGuidOf(threadId)
  const meeting = guid === undefined ? undefined : await meetingStore.findByThread(guid)
  if (meeting === undefined) throw new DoorError('MeetingNotFound', { target: 'link.threadId' })
  return meeting
}

async function byCode(code: Body, address: string, { meetingStore, tries, onGuess }: FindOptions): Promise<Meeting> {
  const meetingId = text(code, 'meetingId', 64).replace(/[\s-]/g, '')
  const passcode = optionalText(code, 'passcode', 200)?.trim() ?? ''
  if (!/^\d{1,20}$/.test(meetingId)) throw invalid('code.meetingId', 'must be the digits of a meeting')
  // Taken before looking and given back when the guess was right: guesses that come at once count like those in a row.
  const takes: [RateLimit, string][] = [
    [tries.byAddress, address],
    [tries.byMeeting, meetingId],
  ]
  for (const [throttle, key] of takes) {
    const retryAfter = throttle.wait(key)
    if (retryAfter === 0) continue
    onGuess('throttled')
    throw new DoorError('TooManyTries', { retryAfter })
  }
  for (const [throttle, key] of takes) throttle.take(key)
  const meeting = await meetingStore.findByJoinCode(meetingId)
  const right = meeting !== undefined && (meeting.joinPasscode === null || isSame(meeting.joinPasscode, passcode))
  onGuess(right ? 'right' : 'wrong', meeting)
  if (right) {
    for (const [throttle, key] of takes) throttle.restore(key)
    return meeting
  }
  if (meeting === undefined) throw new DoorError('MeetingNotFound', { target: 'code.meetingId' })
  throw new DoorError('PasscodeWrong', { target: 'code.passcode' })
}

function isSame(expected: string, actual: string): boolean {
  const hash = (value: string) => createHash('sha256').update(value).digest()
  return timingSafeEqual(hash(expected), hash(actual))
}
