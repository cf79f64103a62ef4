import { GraphError } from '../errors.ts'

/** One step of a batch. */
export interface BatchStep {
  id: string
  method: string
  url: string
  /** Lower-case names. */
  headers: Record<string, string>
  body: Uint8Array | undefined
  dependsOn: string[]
}

const maxSteps = 20
const methods = new Set(['GET', 'POST', 'PATCH', 'PUT', 'DELETE'])

/** Read the body of a $batch (contract C.7). Whatever is wrong with its form refuses the whole batch. Throws GraphError 400. */
export function readBatch(body: unknown): BatchStep[] {
  const requests = isObject(body) ? body.requests : undefined
  if (!Array.isArray(requests) || requests.length === 0) throw refused('requests', 'expected an array of 1 to 20 requests')
  if (requests.length > maxSteps)
    throw new GraphError('badRequest', {
      target: 'requests',
      message: `Number of batch request steps exceeds the maximum value of ${maxSteps}.`,
    })
  const steps = requests.map((step: unknown, index) => readStep(step, `requests[${index}]`))
  const ids = new Set<string>()
  for (const [index, { id }] of steps.entries()) {
    if (ids.has(id.toLowerCase())) throw refused(`requests[${index}].id`, 'occurs more than once')
    ids.add(id.toLowerCase())
  }
  checkDependencies(steps)
  return steps
}

function readStep(step: unknown, path: string): BatchStep {
  if (!isObject(step)) throw refused(path, 'expected an object')
  const { id, method, url, headers, dependsOn } = step
  if (typeof id !== 'string' || id === '' || id.length > 256)
    throw refused(`${path}.id`, 'expected a text of 1 to 256 characters')
  if (typeof method !== 'string' || !methods.has(method.toUpperCase())) throw refused(`${path}.method`, 'expected a method')
  if (typeof url !== 'string' || url === '' || url.length > 16_384) throw refused(`${path}.url`, 'expected a relative address')
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) || url.startsWith('//')) throw refused(`${path}.url`, 'must be relative')
  if (dependsOn != null && !(Array.isArray(dependsOn) && dependsOn.every((each) => typeof each === 'string')))
    throw refused(`${path}.dependsOn`, 'expected an array of ids')
  const lower = readHeaders(headers, path)
  return {
    id,
    method: method.toUpperCase(),
    url: url.startsWith('/') ? url : `/${url}`,
    headers: lower,
    body: readStepBody(step, lower),
    dependsOn: (dependsOn as string[] | null | undefined) ?? [],
  }
}

function readHeaders(headers: unknown, path: string): Record<string, string> {
  if (headers == null) return {}
  const entries = isObject(headers) ? Object.entries(headers) : undefined
  if (entries === undefined || !entries.every(([, value]) => typeof value === 'string' || typeof value === 'number'))
    throw refused(`${path}.headers`, 'expected an object of texts')
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]))
}

function readStepBody(step: Record<string, unknown>, headers: Record<string, string>): Uint8Array | undefined {
  if (step.body == null) return undefined
  const type = headers['content-type']
  if (type === undefined)
    throw new GraphError('badRequest', {
      message: `Write request with id '${String(step.id).slice(0, 100)}' does not contain a Content-Type header.`,
    })
  // What is not JSON travels in base64.
  if (typeof step.body === 'string' && !/json/i.test(type)) return Buffer.from(step.body, 'base64')
  return Buffer.from(JSON.stringify(step.body))
}

function checkDependencies(steps: readonly BatchStep[]): void {
  const byId = new Map(steps.map((step) => [step.id.toLowerCase(), step]))
  const state = new Map<BatchStep, 'open' | 'done'>()
  const visit = (step: BatchStep): void => {
    if (state.get(step) === 'done') return
    if (state.get(step) === 'open')
      throw refused('requests', `the dependencies of '${step.id.slice(0, 100)}' go round in a circle`)
    state.set(step, 'open')
    for (const id of step.dependsOn) {
      const other = byId.get(id.toLowerCase())
      if (other === undefined) throw refused('requests', `'${id.slice(0, 100)}' in dependsOn is the id of no request`)
      visit(other)
    }
    state.set(step, 'done')
  }
  for (const step of steps) visit(step)
}

function refused(target: string, problem: string): GraphError {
  return new GraphError('badRequest', { target, message: `Invalid batch payload: '${target}' ${problem}.` })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
