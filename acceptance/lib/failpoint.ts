// Loaded into a server by NODE_OPTIONS=--import: kills it at a moment that a test has written into FAILPOINT_FILE.
// With TICK=off the rounds of every two seconds never come, so that what they would make up for shows.
import { subscribe } from 'node:diagnostics_channel'
import { readFileSync, rmSync } from 'node:fs'

/** When the process dies: at the first moment of its kind. */
export interface Failpoint {
  at: 'before the commit' | 'after the commit' | 'after the reply' | 'after a delivery'
  /** The kind of the event in that commit. */
  about?: string
  /** What the request's or the delivery's path begins with. */
  path?: string
}

const file = process.env.FAILPOINT_FILE

function armed(at: Failpoint['at']): Failpoint | undefined {
  try {
    const failpoint = JSON.parse(readFileSync(file!, 'utf8')) as Failpoint
    return failpoint.at === at ? failpoint : undefined
  } catch {
    return undefined
  }
}

function die(): void {
  rmSync(file!, { force: true })
  process.kill(process.pid, 'SIGKILL')
}

if (file !== undefined) {
  subscribe('parley:commit', (message) => {
    const { phase, about } = message as { phase: 'before' | 'after'; about: string[] }
    const failpoint = armed(`${phase} the commit`)
    if (failpoint?.about !== undefined && about.includes(failpoint.about)) die()
  })
  subscribe('http.server.response.finish', (message) => {
    const { request } = message as { request: { url: string; method: string } }
    const failpoint = armed('after the reply')
    if (failpoint?.path !== undefined && request.method !== 'GET' && request.url.startsWith(failpoint.path)) die()
  })
  subscribe('http.client.response.finish', (message) => {
    const { request } = message as { request: { path: string } }
    const failpoint = armed('after a delivery')
    if (failpoint?.path !== undefined && request.path.startsWith(failpoint.path)) die()
  })
}

if (process.env.TICK === 'off') {
  const real = globalThis.setInterval
  globalThis.setInterval = ((work: () => void, ms?: number) =>
    real(work, ms === 2_000 ? 2_000_000_000 : ms)) as typeof globalThis.setInterval
}
