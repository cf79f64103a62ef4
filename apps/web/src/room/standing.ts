import type { ChatMessage, Role } from '@parley/door-api'
import type { Key } from '../i18n/en.ts'
import type { Translate } from '../i18n/translate.ts'

type Known = { role: Role; signedIn: boolean; phone: boolean }

/**
 * The words that stand beside somebody's name, so that two people of one name are not taken for each other: who runs the
 * meeting, and who proved to nobody who they are. A name is what its owner chose; these are the server's.
 */
export function standingOf({ role, signedIn, phone }: Known): Key[] {
  const keys: Key[] = role === 'attendee' ? [] : [`role.${role}`]
  if (phone) return [...keys, 'common.phone']
  return signedIn ? keys : [...keys, 'common.guest']
}

/** The same where there is little room: presenters are many and run nothing, and telephones have a sign of their own. */
export function shortStandingOf(person: Known): Key[] {
  return standingOf(person).filter((key) => key !== 'role.presenter' && key !== 'common.phone')
}

/** Who wrote: by what the server wrote down with the message, and by their role while they are in the meeting. */
export function writerStandingOf(from: ChatMessage['from'], present: Known | undefined): Key[] {
  return shortStandingOf({ role: present?.role ?? 'attendee', signedIn: from.kind !== 'guest', phone: from.kind === 'phone' })
}

/** `Ada`, or `Ada (Guest)`. */
export function nameWith(t: Translate, name: string, standing: readonly Key[]): string {
  return standing.length === 0 ? name : `${name} (${sayStanding(t, standing)})`
}

export function sayStanding(t: Translate, standing: readonly Key[]): string {
  return standing.map((key) => t(key)).join(' · ')
}
