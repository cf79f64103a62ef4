import type { Instant } from '../../common/instant.ts'
import { type LobbyScope, lobbyScopes } from '../../meetings/lobby-scope.ts'
import type { Attendee, MeetingType } from '../../meetings/meeting.ts'
import { fill } from '../../pages/fill.ts'
import type { ConsoleContext } from '../console-context.ts'
import { field } from '../form.ts'
import { fromWallClock, zoneOf } from '../zone.ts'
import type { MeetingTexts } from './texts.ts'

/** What the form holds, as typed. */
export interface MeetingForm {
  subject: string
  kind: string
  start: string
  end: string
  zone: string
  scope: string
  attendees: string
  presenters: string
  coorganizers: string
}

/** What the form says, checked. */
export interface MeetingInput {
  subject: string | null
  kind: MeetingType
  startAt: Instant | null
  endAt: Instant | null
  scope: LobbyScope
  attendees: Attendee[]
}

export const offeredKinds = ['scheduled', 'recurring', 'meetNow', 'broadcast'] as const
const longestSubject = 500
const mostAttendees = 1000
const addressForm = /^[^\s@<>"(),;:\\]{1,64}@[^\s@<>"(),;:\\]{1,190}$/

export function meetingFormOf(form: URLSearchParams): MeetingForm {
  return {
    subject: field(form, 'subject'),
    kind: field(form, 'kind'),
    start: field(form, 'start'),
    end: field(form, 'end'),
    zone: zoneOf(form.get('zone')),
    scope: field(form, 'scope'),
    attendees: form.get('attendees') ?? '',
    presenters: form.get('presenters') ?? '',
    coorganizers: form.get('coorganizers') ?? '',
  }
}

/** Check a form. Returns what it says, or in words what is wrong with it. */
export async function readMeeting(
  form: MeetingForm,
  text: MeetingTexts,
  context: ConsoleContext,
  tenantId: string,
): Promise<MeetingInput | string> {
  if (form.subject.length > longestSubject) return fill(text.problemSubject, { count: longestSubject })
  const kind = offeredKinds.find((each) => each === form.kind)
  const scope = lobbyScopes.find((each) => each === form.scope)
  if (kind === undefined || scope === undefined) return text.problemChoice
  const timed = kind === 'scheduled' || kind === 'broadcast'
  const startAt = timed ? fromWallClock(form.start, form.zone) : null
  const endAt = timed ? fromWallClock(form.end, form.zone) : null
  if (startAt === undefined || endAt === undefined || (startAt !== null && endAt !== null && endAt <= startAt))
    return text.problemTimes
  const attendees = await readPeople(form, text, context, tenantId)
  if (typeof attendees === 'string') return attendees
  return { subject: form.subject === '' ? null : form.subject, kind, startAt, endAt, scope, attendees }
}

async function readPeople(
  form: MeetingForm,
  text: MeetingTexts,
  context: ConsoleContext,
  tenantId: string,
): Promise<Attendee[] | string> {
  const people = new Map<string, Attendee>()
  // The strongest role wins when somebody is named twice.
  for (const [lines, role] of [
    [form.coorganizers, 'coorganizer'],
    [form.presenters, 'presenter'],
    [form.attendees, 'attendee'],
  ] as const)
    for (const address of lines.split(/[\n,;]/).map((line) => line.trim())) {
      if (address === '' || people.has(address.toLowerCase())) continue
      if (!addressForm.test(address)) return fill(text.problemAttendee, { address: address.slice(0, 100) })
      if (people.size >= mostAttendees) return fill(text.problemTooMany, { count: mostAttendees })
      people.set(address.toLowerCase(), { upn: address, role, identity: await identityOf(context, tenantId, address) })
    }
  return [...people.values()]
}

async function identityOf(context: ConsoleContext, tenantId: string, address: string): Promise<Attendee['identity']> {
  const user = await context.directory.users.findByUpn(address)
  if (user === undefined || user.tenantId !== tenantId) return null
  return { user: { id: user.id, displayName: user.displayName, tenantId } }
}
