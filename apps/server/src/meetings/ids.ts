import { randomInt, randomUUID } from 'node:crypto'

/** Digits drawn evenly, leading zeros kept. `count` at most 14. */
export function randomDigits(count: number): string {
  // randomInt takes ranges below 2^48, so long numbers are drawn in two parts.
  if (count > 14) throw new RangeError('at most 14 digits')
  const head = count > 7 ? randomDigits(count - 7) : ''
  const tail = Math.min(count, 7)
  return head + String(randomInt(10 ** tail)).padStart(tail, '0')
}

export interface MeetingIds {
  id: string
  vtcId: string
  threadGuid: string
  joinCode: string
  participantPasscode: string
}

/** The 2018 id has nine digits; the numbers people dial and type have seven and twelve. */
const vtcDigits = 9
const joinCodeDigits = 12
const passcodeDigits = 7
/** Longer than any participant's passcode, so that one can never be taken for the other. */
const leaderDigits = 12

/**
 * Every random name of a new meeting. `attempt` counts from 0: after repeated collisions the passcode grows, so that
 * a server with millions of meetings still finds free ones.
 */
export function newMeetingIds(attempt = 0): MeetingIds {
  return {
    id: randomUUID(),
    vtcId: randomDigits(vtcDigits),
    threadGuid: randomUUID(),
    joinCode: randomDigits(joinCodeDigits),
    participantPasscode: randomDigits(passcodeDigits + Math.floor(attempt / 3)),
  }
}

/** What nobody mistakes for one another, read aloud or copied: one case, no i, l, o, 0 or 1. */
const passcodeLetters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** The passcode typed along with a meeting's code: eight of 31 characters, 39 bits. */
export function newJoinPasscode(): string {
  return Array.from({ length: 8 }, () => passcodeLetters[randomInt(passcodeLetters.length)]).join('')
}

/** The passcode that makes a caller organizer. */
export function newLeaderPasscode(): string {
  return randomDigits(leaderDigits)
}
