import autocannon from 'autocannon'

export interface Load {
  url: string
  method?: 'GET' | 'POST' | 'PATCH'
  token: string
  body?: unknown
  connections?: number
  seconds?: number
  /** The status every answer must have. */
  expect: number
}

export interface Measured {
  perSecond: number
  p99Ms: number
}

/** Drive one route at full speed from this process and report requests per second and p99. Throws when an answer is another than expected. */
export async function drive(load: Load): Promise<Measured> {
  const result = await autocannon({
    url: load.url,
    method: load.method ?? 'GET',
    connections: load.connections ?? 32,
    duration: load.seconds ?? 5,
    headers: {
      authorization: `Bearer ${load.token}`,
      ...(load.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(load.body === undefined ? {} : { body: JSON.stringify(load.body) }),
  })
  const wrong = Object.entries(result.statusCodeStats ?? {}).find(([status]) => Number(status) !== load.expect)
  if (wrong !== undefined || result.errors > 0) throw new Error(`${load.url} answered ${wrong?.[0] ?? `${result.errors} errors`}`)
  return { perSecond: result.requests.average, p99Ms: result.latency.p99 }
}
