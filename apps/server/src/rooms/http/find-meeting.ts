import { createHash, timingSafeEqual } from 'node:crypto'
import { threadGuidOf } from '../../meetings/links.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import type { Way } from '../admission/admission.ts'
import { DoorError } from '../admission/door-error.ts'
import type { CodeTries } from './code-tries.ts'
import { type Body, invalid, optionalObject, optionalText, text } from './read.ts'

export interface FindOptions {
  meetingStore: MeetingStore
  tries: CodeTries
  onGuess(outcome: 'right' | 'wrong' | 'throttled', meeting?: Meeting): void
}

/** Who asks for a meeting, as far as that matters before it is found. */
export interface Finder {
  address: string
  /** What recognises them to a meeting, if it exists; undefined for strangers. */
  knownAs(meeting: Meeting | undefined): Promise<string | undefined>
  /** Aborted when they have gone. */
  signal: AbortSignal
}

/** The meeting a request names, by its link or by code and passcode. Throws DoorError. */
export async function findMeeting(body: Body, finder: Finder, options: FindOptions): Promise<{ meeting: Meeting; way: Way }> {
  const link = optionalObject(body, 'link')
  const code = optionalObject(body, 'code')
  if ((link === undefined) === (code === undefined)) throw invalid('link', 'or "code" is required, and only one of them')
  if (link !== undefined) return { meeting: await byLink(text(link, 'threadId', 200), options), way: 'link' }
  return { meeting: await byCode(code!, finder, options), way: 'code' }
}

async function byLink(threadId: string, { meetingStore }: FindOptions): Promise<Meeting> {
  const guid = threadGuidOf(threadId)
  const meeting = guid === undefined ? undefined : await meetingStore.findByThread(guid)
  if (meeting === undefined) throw new DoorError('MeetingNotFound', { target: 'link.threadId' })
  return meeting
}

async function byCode(code: Body, finder: Finder, { meetingStore, tries, onGuess }: FindOptions): Promise<Meeting> {
  const meetingId = text(code, 'meetingId', 64).replace(/[\s-]/g, '')
  const passcode = optionalText(code, 'passcode', 200)?.trim() ?? ''
  if (!/^\d{1,20}$/.test(meetingId)) throw invalid('code.meetingId', 'must be the digits of a meeting')
  const meeting = await meetingStore.findByJoinCode(meetingId)
  const { address, signal } = finder
  const knownAs = await finder.knownAs(meeting)
  const isRight = () => meeting !== undefined && (meeting.joinPasscode === null || isSame(meeting.joinPasscode, passcode))
  const asks = meeting?.joinPasscode == null ? undefined : meeting.id
  const right = await tries.look({ address, knownAs, signal, meetingId: asks }, isRight).catch((error: unknown) => {
    onGuess('throttled')
    throw error
  })
  onGuess(right ? 'right' : 'wrong', meeting)
  if (right) return meeting!
  if (meeting === undefined) throw new DoorError('MeetingNotFound', { target: 'code.meetingId' })
  throw new DoorError('PasscodeWrong', { target: 'code.passcode' })
}

function isSame(expected: string, actual: string): boolean {
  // Without case: telephones and editors begin what is typed with a capital.
  const hash = (value: string) => createHash('sha256').update(value.toLowerCase()).digest()
  return timingSafeEqual(hash(expected), hash(actual))
}
