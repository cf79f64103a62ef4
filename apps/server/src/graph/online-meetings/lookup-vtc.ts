import { GraphError } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { answerMeetings } from './answer.ts'
import { readLookup } from './lookup.ts'
import { onlineMeeting } from './schema.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const lookup = readLookup(request, ['videoteleconferenceid'])
  if (lookup === undefined) throw new GraphError('filterExpected', { target: '$filter' })
  const found = await context.meetingStore.findByVtcId(lookup.value)
  const source = request.root === 'app' ? 'app/onlineMeetings' : 'communications/onlineMeetings'
  const mine = found !== undefined && found.tenantId === request.principal.tenantId
  return answerMeetings(request, context, source, mine ? [found] : [])
}

const shared = {
  method: 'GET',
  permissions: { application: ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'], delegated: [] },
  queryOptions: ['$filter', '$select'],
  summary: 'Find an online meeting by its video conference id; no access policy is asked',
  answer: { status: 200, schema: onlineMeeting, collection: true },
  handle,
} as const satisfies Omit<Operation, 'path' | 'versions'>

/** `GET /communications/onlineMeetings?$filter=VideoTeleconferenceId eq '…'`, in beta under `/app` too. */
export const lookupByVtcId: Operation[] = [
  { ...shared, versions: ['v1.0', 'beta'], path: '/communications/onlineMeetings' },
  { ...shared, versions: ['beta'], path: '/app/onlineMeetings' },
]
