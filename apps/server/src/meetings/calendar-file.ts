import ical, { ICalAttendeeRole, ICalAttendeeStatus, ICalCalendarMethod, ICalEventStatus } from 'ical-generator'
import { millisOf } from '../common/instant.ts'
import type { Meeting } from './meeting.ts'
import type { OrganizerView } from './organizers.ts'

/**
 * A meeting as iCalendar (RFC 5545, RFC 5546): a request, or its cancellation. UID stays, SEQUENCE grows with every
 * change, so that calendars update what they have.
 */
export function calendarFile(meeting: Meeting, view: OrganizerView, link: string): string {
  const cancelled = meeting.cancelledAt !== null
  const calendar = ical({
    method: cancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.REQUEST,
    prodId: { company: 'Parley', product: 'Parley', language: 'EN' },
  })
  const start = meeting.startAt ?? meeting.createdAt
  const event = calendar.createEvent({
    id: `${meeting.id}@parley`,
    sequence: meeting.revision - 1,
    start: new Date(millisOf(start)),
    ...(meeting.endAt === null ? {} : { end: new Date(millisOf(meeting.endAt)) }),
    created: new Date(millisOf(meeting.createdAt)),
    summary: meeting.subject ?? '',
    location: link,
    url: link,
    description: link,
    status: cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    organizer: { name: view.organizer.displayName, email: view.organizer.mail ?? view.organizer.upn },
  })
  for (const { upn, identity } of meeting.attendees) {
    // Somebody known by object id alone has no address to write to.
    if (upn === null || !upn.includes('@')) continue
    event.createAttendee({
      email: upn,
      name: identity?.user?.displayName ?? upn,
      role: ICalAttendeeRole.REQ,
      status: ICalAttendeeStatus.NEEDSACTION,
      rsvp: !cancelled,
    })
  }
  return calendar.toString()
}
