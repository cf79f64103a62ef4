import autocannon from 'autocannon'

export interface Step {
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  body?: unknown
}

const connections = 32

/**
 * Drive requests at full speed over 32 connections; each connection goes through the steps from a place of its own, so
 * that they do not meet at one meeting. Resolves to requests per second; throws when an answer is none of 200 and 201.
 */
export async function driveSteps(options: {
  url: string
  token: string
  steps: readonly Step[]
  seconds: number
}): Promise<number> {
  const requests = options.steps.map(({ method, path, body }) => ({
    method,
    path,
    headers: {
      authorization: `Bearer ${options.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }))
  let client = 0
  const result = await autocannon({
    url: options.url,
    connections,
    duration: options.seconds,
    requests,
    setupClient: (each) => {
      const first = Math.floor((client++ * requests.length) / connections) % requests.length
      each.setRequests([...requests.slice(first), ...requests.slice(0, first)])
    },
  })
  const wrong = Object.keys(result.statusCodeStats ?? {}).find((status) => status !== '200' && status !== '201')
  if (wrong !== undefined || result.errors > 0) throw new Error(`${options.steps[0]!.path} answered ${wrong ?? 'errors'}`)
  return result.requests.average
}
