import { formatInstant, millisOf } from '../../common/instant.ts'
import type { User } from '../../identity/directory.ts'
import type { AttendanceRecord, AttendanceSession } from '../../meetings/attendance-source.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { GraphError } from '../errors.ts'
import { applySelect, parseSelect } from '../odata/select.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { attendanceRecord, attendanceReport } from './artifact-schema.ts'
import { findForReading } from './find.ts'
import { ownerOf } from './owner.ts'
import { underUser } from './under-user.ts'

const permissions = {
  application: ['OnlineMeetingArtifact.Read.All'],
  delegated: ['OnlineMeetingArtifact.Read.All'],
} as const

interface Place {
  meeting: Meeting
  /** `…/$metadata#users('…')/onlineMeetings('…')/attendanceReports` */
  context: string
}

/** The meeting, for its organizer or a co-organizer (contract B.13). Throws GraphError. */
async function placeOf(request: GraphRequest, context: GraphContext): Promise<Place> {
  const owner = await ownerOf(request, context, 'artifacts')
  const meeting = await findForReading(request, context, owner.user)
  if (meeting.organizerId !== owner.user.id && !isCoorganizer(meeting, owner.user))
    throw new GraphError('forbidden', { about: owner.user.id, reason: 'attendance is for the organizer and co-organizers' })
  const key = encodeURIComponent(request.keys.meetingId ?? '')
  return { meeting, context: `${request.origin}/${request.version}/$metadata#${owner.context}('${key}')/attendanceReports` }
}

function isCoorganizer(meeting: Meeting, user: User): boolean {
  return meeting.attendees.some(
    ({ identity, upn, role }) =>
      role === 'coorganizer' && (identity?.user?.id?.toLowerCase() === user.id || upn?.toLowerCase() === user.upnKey),
  )
}

async function list(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const place = await placeOf(request, context)
  const selected = parseSelect(
    request.query.system.get('$select'),
    [...Object.keys(attendanceReport.properties), 'attendanceRecords'],
    'meetingAttendanceReport',
  )
  const sessions = await context.attendance.sessions(place.meeting.id)
  const value = sessions.map((session) => applySelect({ ...reportShape(session), attendanceRecords: [] }, selected))
  return { status: 200, body: { '@odata.context': place.context, value } }
}

async function get(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const place = await placeOf(request, context)
  const session = await findSession(request, context, place)
  const expand = request.query.system.get('$expand')
  if (expand !== undefined && !/^\s*attendanceRecords\s*$/i.test(expand)) {
    const detail = "The query option '$expand' takes attendanceRecords."
    throw new GraphError('invalidQuery', {
      target: '$expand',
      message: `The query specified in the URI is not valid. ${detail}`,
      inner: { message: detail },
    })
  }
  const records = expand === undefined ? {} : { attendanceRecords: await recordShapes(session.id, context) }
  const key = `${place.context}('${session.id}')`
  return { status: 200, body: { '@odata.context': key, ...reportShape(session), ...records } }
}

async function listRecords(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const place = await placeOf(request, context)
  const session = await findSession(request, context, place)
  return {
    status: 200,
    body: {
      '@odata.context': `${place.context}('${session.id}')/attendanceRecords`,
      value: await recordShapes(session.id, context),
    },
  }
}

async function findSession(request: GraphRequest, context: GraphContext, { meeting }: Place): Promise<AttendanceSession> {
  const sessions = await context.attendance.sessions(meeting.id)
  const session = sessions.find(({ id }) => id === request.keys.reportId?.toLowerCase())
  if (session === undefined) throw new GraphError('resourceNotFound', { message: 'The attendance report was not found.' })
  return session
}

function reportShape(session: AttendanceSession): Record<string, unknown> {
  return {
    id: session.id,
    totalParticipantCount: session.participants,
    meetingStartDateTime: formatInstant(session.startedAt),
    // Null while people are in: unlike at Graph a running session can be told from an empty one.
    meetingEndDateTime: session.endedAt === null ? null : formatInstant(session.endedAt),
  }
}

async function recordShapes(sessionId: string, context: GraphContext): Promise<Record<string, unknown>[]> {
  return (await context.attendance.records(sessionId)).map(recordShape)
}

function recordShape(record: AttendanceRecord): Record<string, unknown> {
  const intervals = record.intervals.map(({ joinedAt, leftAt }) => ({
    joinDateTime: formatInstant(joinedAt),
    leaveDateTime: formatInstant(leftAt),
    durationInSeconds: Math.max(0, Math.round((millisOf(leftAt) - millisOf(joinedAt)) / 1000)),
  }))
  const user = record.identity?.user ?? null
  return {
    id: record.id,
    emailAddress: record.email,
    totalAttendanceInSeconds: intervals.reduce((total, { durationInSeconds }) => total + durationInSeconds, 0),
    role: record.role,
    registrationId: null,
    identity: { id: user?.id ?? null, displayName: record.displayName, tenantId: user?.tenantId ?? null },
    attendanceIntervals: intervals,
  }
}

const shared = { method: 'GET', permissions } as const

/** `…/attendanceReports`, one report, and its records. */
export const attendanceReports = [
  ...underUser({
    ...shared,
    path: '/onlineMeetings/{meetingId}/attendanceReports',
    queryOptions: ['$select'],
    summary: 'List the attendance reports of an online meeting, newest first',
    answer: { status: 200, schema: attendanceReport, collection: true },
    handle: list,
  }),
  ...underUser({
    ...shared,
    path: '/onlineMeetings/{meetingId}/attendanceReports/{reportId}',
    queryOptions: ['$expand'],
    summary: 'Get an attendance report, with its records where $expand asks for them',
    answer: { status: 200, schema: attendanceReport },
    handle: get,
  }),
  ...underUser({
    ...shared,
    path: '/onlineMeetings/{meetingId}/attendanceReports/{reportId}/attendanceRecords',
    queryOptions: [],
    summary: 'List the records of an attendance report',
    answer: { status: 200, schema: attendanceRecord, collection: true },
    handle: listRecords,
  }),
]
