import type { Meeting } from '../../meetings/meeting.ts'
import { checkAccessPolicy } from '../access-policy.ts'
import { GraphError } from '../errors.ts'
import { applySelect, parseSelect } from '../odata/select.ts'
import type { GraphContext, GraphRequest } from '../operation.ts'
import type { Source } from './applications.ts'
import { properties2018 } from './schema.ts'
import { toShape2018 } from './shape.ts'

/** A meeting of the token's tenant by its nine-digit id. Throws GraphError 404, or 403 where the policy does not let the application act for its organizer. */
export async function findMeeting(request: GraphRequest, context: GraphContext): Promise<Meeting> {
  const meeting = await context.meetingStore.findByVtcId(request.keys.meetingId ?? '')
  if (meeting === undefined || meeting.tenantId !== request.principal.tenantId) throw new GraphError('meetingNotFound')
  await checkAccessPolicy(request, context, meeting.organizerId)
  return meeting
}

/** The entity with its `@odata.context`, reduced by `$select`. */
export async function entityOf(
  request: GraphRequest,
  context: GraphContext,
  source: Source,
  meeting: Meeting,
): Promise<Record<string, unknown>> {
  const selected = parseSelect(request.query.system.get('$select'), properties2018)
  const suffix = selected === undefined ? '' : `(${selected.join(',')})`
  return {
    '@odata.context': `${request.origin}/${request.version}/$metadata#${source.context}${suffix}/$entity`,
    ...applySelect(await toShape2018(meeting, context), selected),
  }
}
