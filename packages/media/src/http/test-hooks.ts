import type { IncomingMessage, ServerResponse } from 'node:http'

/** What the conformance tests use to break things from outside: /test/worker-of and /test/kill-worker, body `{"room": name}`. */
export async function serveTestHook(
  media: { workerPidOf(room: string): number | undefined },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const room: unknown = JSON.parse(body || '{}')?.room
  const pid = typeof room === 'string' ? media.workerPidOf(room) : undefined
  if (pid === undefined) {
    response.writeHead(404).end()
    return
  }
  if (request.url === '/test/kill-worker') process.kill(pid, 'SIGKILL')
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ worker: pid }))
}
