import { parseInstant } from '../../common/instant.ts'
import { GraphError, invalidMember } from '../errors.ts'
import { parseFilter } from '../odata/filter.ts'
import { invalidFilter } from '../odata/filter-error.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { callRecording, callTranscript } from './artifact-schema.ts'
import { findForReading } from './find.ts'
import { ownerOf } from './owner.ts'
import { underUser } from './under-user.ts'

/** Transcripts and recordings do not exist yet: well-formed, permission-checked, empty (contract B.14). */
interface Kind {
  plural: 'transcripts' | 'recordings'
  type: 'callTranscript' | 'callRecording'
  role: 'OnlineMeetingTranscript.Read.All' | 'OnlineMeetingRecording.Read.All'
  all: 'getAllTranscripts' | 'getAllRecordings'
  schema: typeof callTranscript | typeof callRecording
  streams: readonly string[]
  produces: readonly string[]
}

const transcripts: Kind = {
  plural: 'transcripts',
  type: 'callTranscript',
  role: 'OnlineMeetingTranscript.Read.All',
  all: 'getAllTranscripts',
  schema: callTranscript,
  streams: ['content', 'metadataContent'],
  produces: ['text/vtt', 'application/vnd.microsoft.graph.transcript+text'],
}
const recordings: Kind = {
  plural: 'recordings',
  type: 'callRecording',
  role: 'OnlineMeetingRecording.Read.All',
  all: 'getAllRecordings',
  schema: callRecording,
  streams: ['content'],
  produces: ['video/mp4'],
}

function operationsOf(kind: Kind): Operation[] {
  const permissions = { application: [kind.role], delegated: [kind.role] }
  const shared = { method: 'GET', permissions } as const
  const path = `/onlineMeetings/{meetingId}/${kind.plural}`
  const all = {
    ...shared,
    versions: ['v1.0', 'beta'],
    permissions: { ...permissions, delegated: [] },
    queryOptions: ['$filter', '$top', '$skiptoken', '$deltatoken'],
    answer: { status: 200, schema: kind.schema, collection: true },
  } as const
  return [
    ...underUser({
      ...shared,
      path,
      queryOptions: ['$filter', '$top', '$select', '$orderby'],
      summary: `List the ${kind.plural} of an online meeting`,
      answer: { status: 200, schema: kind.schema, collection: true },
      handle: (request, context) => list(kind, request, context),
    }),
    ...underUser({
      ...shared,
      path: `${path}/{artifactId}`,
      queryOptions: ['$select'],
      summary: `Get one of the ${kind.plural} of an online meeting`,
      answer: { status: 200, schema: kind.schema },
      handle: (request, context) => missing(kind, request, context),
    }),
    ...kind.streams.flatMap((stream) =>
      underUser({
        ...shared,
        path: `${path}/{artifactId}/${stream}`,
        queryOptions: [],
        produces: kind.produces,
        summary: `Read the ${stream} of one of the ${kind.plural}`,
        handle: (request, context) => missing(kind, request, context),
      }),
    ),
    {
      ...all,
      path: `/users/{userId}/onlineMeetings/${kind.all}`,
      summary: `List the ${kind.plural} of an organizer`,
      handle: (request, context) => listAll(kind, request, context, false),
    },
    {
      ...all,
      path: `/users/{userId}/onlineMeetings/${kind.all}/delta`,
      summary: `Follow the ${kind.plural} of an organizer`,
      handle: (request, context) => listAll(kind, request, context, true),
    },
  ]
}

async function list(kind: Kind, request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context, 'artifacts')
  await findForReading(request, context, owner.user)
  const filter = request.query.system.get('$filter')
  if (filter !== undefined) parseFilter(filter)
  const key = encodeURIComponent(request.keys.meetingId ?? '')
  const source = `${owner.context}('${key}')/${kind.plural}`
  return {
    status: 200,
    body: { '@odata.context': `${request.origin}/${request.version}/$metadata#${source}`, '@odata.count': 0, value: [] },
  }
}

async function missing(kind: Kind, request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context, 'artifacts')
  await findForReading(request, context, owner.user)
  throw new GraphError('resourceNotFound', { message: `There is no such ${kind.plural.slice(0, -1)}.` })
}

async function listAll(kind: Kind, request: GraphRequest, context: GraphContext, delta: boolean): Promise<GraphResponse> {
  const owner = await ownerOf(request, context, 'artifacts')
  const organizer = request.parameters.meetingOrganizerUserId ?? organizerOf(request.query.system.get('$filter'))
  if (organizer === undefined) throw invalidMember('meetingOrganizerUserId', 'is required')
  if (organizer.toLowerCase() !== owner.user.id)
    throw invalidMember('meetingOrganizerUserId', 'must be the object id of the user in the path')
  for (const name of ['startDateTime', 'endDateTime']) {
    const value = request.parameters[name]
    if (value !== undefined && parseInstant(value) === undefined)
      throw invalidMember(name, 'expected a date and time as in RFC 3339')
  }
  const base = `${request.origin}/${request.version}`
  const call = `users/${owner.user.id}/onlineMeetings/${kind.all}(meetingOrganizerUserId='${owner.user.id}')/delta`
  const link = delta ? { '@odata.deltaLink': `${base}/${call}?$deltatoken=0` } : {}
  return { status: 200, body: { '@odata.context': `${base}/$metadata#Collection(${kind.type})`, value: [], ...link } }
}

function organizerOf(filter: string | undefined): string | undefined {
  if (filter === undefined) return undefined
  const parsed = parseFilter(filter)
  if (
    parsed.kind === 'compare' &&
    parsed.operator === 'eq' &&
    parsed.path.toLowerCase() === 'meetingorganizer/user/id' &&
    (parsed.literal.type === 'string' || parsed.literal.type === 'guid')
  )
    return parsed.literal.value
  throw invalidFilter("Only MeetingOrganizer/User/Id eq '…' is supported here.")
}

/** Transcripts and recordings of one meeting and of an organizer. */
export const callArtifacts: readonly Operation[] = [...operationsOf(transcripts), ...operationsOf(recordings)]
