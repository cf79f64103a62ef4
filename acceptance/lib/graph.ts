import assert from 'node:assert/strict'
import { appToken, type Server } from './server.ts'

export interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
  text: string
}

export interface GraphError {
  code: string
  message: string
  target?: string
  innerError: Record<string, string>
}

/** Speaks raw HTTP to the server's Graph. */
export class Graph {
  readonly server: Server
  readonly token: string

  constructor(server: Server, token: string) {
    this.server = server
    this.token = token
  }

  /** With the demo application's token. */
  static async of(server: Server): Promise<Graph> {
    return new Graph(server, await appToken(server.dev))
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    const response = await fetch(`${this.server.dev.baseUrl}${path}`, {
      method,
      headers: {
        ...(this.token === '' ? {} : { Authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: json as string | Uint8Array<ArrayBuffer> }),
    })
    const text = await response.text()
    const parsed = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
    return { status: response.status, headers: response.headers, body: parsed, text }
  }

  /** Create a meeting of the demo's first person; the members given are added to the minimum. */
  async create(members: Record<string, unknown> = {}, path = '/beta/app/onlineMeetings'): Promise<Record<string, unknown>> {
    const answer = await this.send('POST', path, { participants: organizedBy(this.server.dev.users[0]!.id), ...members })
    assert.equal(answer.status, 201, answer.text)
    return answer.body
  }
}

/** `participants` with an organizer. */
export function organizedBy(id: string, attendees?: unknown): Record<string, unknown> {
  return { organizer: { identity: { user: { id } } }, ...(attendees === undefined ? {} : { attendees }) }
}

/** The error of an answer, after checking that it has Graph's form (contract C.1). */
export function errorOf(answer: Answer): GraphError {
  const { error } = answer.body as { error: GraphError }
  assert.ok(error !== undefined, `no error body: ${answer.status} ${answer.text.slice(0, 200)}`)
  assert.equal(typeof error.code, 'string')
  assert.equal(typeof error.message, 'string')
  assert.match(error.innerError.date!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  assert.equal(error.innerError['request-id'], answer.headers.get('request-id'))
  assert.equal(error.innerError['client-request-id'], answer.headers.get('client-request-id'))
  return error
}
