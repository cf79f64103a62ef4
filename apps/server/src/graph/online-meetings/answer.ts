import { preferred } from '../../common/language.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { etagOf } from '../odata/etag.ts'
import { parsePrefer, preferenceApplied } from '../odata/prefer.ts'
import { applySelect, parseSelect } from '../odata/select.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { hideUnknownMembers } from '../schema/evolvable.ts'
import { encodeMeetingId } from './meeting-id.ts'
import type { Owner } from './owner.ts'
import { meetingProperties, onlineMeeting } from './schema.ts'
import { toShape } from './shape.ts'

/** A meeting as an item of an answer: shaped, enumerations as the client can take them, reduced by `$select`. */
async function itemOf(request: GraphRequest, context: GraphContext, meeting: Meeting): Promise<Record<string, unknown>> {
  const shape = await toShape(meeting, context, preferred(request.headers['accept-language']) ?? 'en')
  const all = parsePrefer(request.headers.prefer).has('include-unknown-enum-members')
  const entity = all ? shape : hideUnknownMembers(onlineMeeting, shape)
  return { '@odata.etag': etagOf(meeting.revision), ...applySelect(entity, selectedOf(request)) }
}

/** `(id,subject)` for `@odata.context`, or nothing without `$select`. */
function selectSuffix(request: GraphRequest): string {
  const selected = selectedOf(request)
  return selected === undefined ? '' : `(${selected.join(',')})`
}

function selectedOf(request: GraphRequest): string[] | undefined {
  return parseSelect(request.query.system.get('$select'), meetingProperties)
}

/** One meeting as an answer with its ETag; 204 without a body where a write asked for `return=minimal`. */
export async function answerMeeting(
  request: GraphRequest,
  context: GraphContext,
  owner: Pick<Owner, 'context' | 'path'>,
  meeting: Meeting,
  status: 200 | 201 = 200,
): Promise<GraphResponse> {
  const preferences = parsePrefer(request.headers.prefer)
  const location = `${request.origin}/${request.version}/${owner.path}/${encodeURIComponent(encodeMeetingId(meeting))}`
  const headers = { ETag: etagOf(meeting.revision), ...(status === 201 ? { Location: location } : {}) }
  if (request.method !== 'GET' && preferences.get('return') === 'minimal')
    return { status: 204, headers: { ...headers, ...preferenceApplied(preferences, ['return']), 'OData-EntityId': location } }
  return {
    status,
    headers: { ...headers, ...preferenceApplied(preferences, ['include-unknown-enum-members']) },
    body: {
      '@odata.context': `${request.origin}/${request.version}/$metadata#${owner.context}${selectSuffix(request)}/$entity`,
      ...(await itemOf(request, context, meeting)),
    },
  }
}

/** Meetings as a collection, with an opaque link to the next page where there is one. */
export async function answerMeetings(
  request: GraphRequest,
  context: GraphContext,
  source: string,
  meetings: readonly Meeting[],
  nextLink?: string,
): Promise<GraphResponse> {
  const value = await Promise.all(meetings.map((meeting) => itemOf(request, context, meeting)))
  return {
    status: 200,
    headers: preferenceApplied(parsePrefer(request.headers.prefer), ['include-unknown-enum-members']),
    body: {
      '@odata.context': `${request.origin}/${request.version}/$metadata#${source}${selectSuffix(request)}`,
      value,
      ...(nextLink === undefined ? {} : { '@odata.nextLink': nextLink }),
    },
  }
}
