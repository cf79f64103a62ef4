import { GraphError } from '../errors.ts'
import type { GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { type BatchStep, readBatch } from './read-batch.ts'
import { batchParameters } from './schema.ts'

interface StepAnswer {
  id: string
  status: number
  headers: Record<string, string>
  body?: unknown
}

async function handle(request: GraphRequest): Promise<GraphResponse> {
  const steps = readBatch(readBody(request))
  const byId = new Map(steps.map((step) => [step.id.toLowerCase(), step]))
  const running = new Map<BatchStep, Promise<StepAnswer>>()
  // Steps without dependencies run together, so that creations share a commit.
  const run = (step: BatchStep): Promise<StepAnswer> => {
    let answer = running.get(step)
    if (answer === undefined) {
      answer = runAfter(
        step.dependsOn.map((id) => run(byId.get(id.toLowerCase())!)),
        step,
        request,
      )
      running.set(step, answer)
    }
    return answer
  }
  return { status: 200, body: { responses: await Promise.all(steps.map(run)) } }
}

async function runAfter(
  dependencies: readonly Promise<StepAnswer>[],
  step: BatchStep,
  request: GraphRequest,
): Promise<StepAnswer> {
  const failed = (await Promise.all(dependencies)).find(({ status }) => status >= 400)
  if (failed !== undefined)
    return toAnswer(
      step.id,
      request.refuse(new GraphError('failedDependency', { message: `The request '${failed.id}' failed.` })),
    )
  if (/^\/\$batch\b/i.test(step.url))
    return toAnswer(step.id, request.refuse(new GraphError('badRequest', { message: 'A batch must not hold a batch.' })))
  const { method, url, headers, body } = step
  // What shapes answers is taken from the batch where a step says nothing of its own.
  const inherited = { 'accept-language': request.headers['accept-language'] }
  return toAnswer(step.id, await request.subrequest({ method, url, headers: { ...inherited, ...headers }, body }))
}

const jsonHeaders = { 'Content-Type': 'application/json', 'OData-Version': '4.0' }

function toAnswer(id: string, response: GraphResponse): StepAnswer {
  const { status, headers, body, raw } = response
  if (raw !== undefined) return { id, status, headers: { ...headers }, body: Buffer.from(raw).toString('base64') }
  if (body === undefined) return { id, status, headers: { ...headers } }
  return { id, status, headers: { ...jsonHeaders, ...headers }, body }
}

/** `POST /$batch` (contract C.7). */
export const batch: Operation = {
  versions: ['v1.0', 'beta'],
  method: 'POST',
  path: '/$batch',
  permissions: { application: [], delegated: [] },
  unrestricted: true,
  queryOptions: [],
  summary: 'Up to 20 requests in one',
  requestBody: batchParameters,
  handle,
}
