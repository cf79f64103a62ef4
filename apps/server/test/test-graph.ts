import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { decide } from '../src/config/config.ts'
import { type Context, closeContext, openContext } from '../src/context.ts'
import { dispatch } from '../src/graph/dispatch.ts'
import { errorBody, GraphError } from '../src/graph/errors.ts'
import type { GraphResponse, GraphVersion } from '../src/graph/operation.ts'
import { operations } from '../src/graph/operations.ts'
import { Router } from '../src/graph/router.ts'
import type { Application, User } from '../src/identity/directory.ts'
import { applicationPermissions } from '../src/identity/permissions.ts'

type Json = Record<string, unknown>

export interface Called {
  status: number
  headers: Record<string, string>
  body: Json
}

/** Our Graph without HTTP, for unit tests: a directory of two people and an application with every role. */
export class TestGraph {
  readonly context: Context
  readonly ada: User
  readonly ben: User
  readonly application: Application
  readonly #router = new Router(operations)
  #token: string

  constructor(parts: { context: Context; ada: User; ben: User; application: Application; token: string }) {
    this.context = parts.context
    this.ada = parts.ada
    this.ben = parts.ben
    this.application = parts.application
    this.#token = parts.token
  }

  /** An app-only token with these roles. */
  async appToken(...roles: string[]): Promise<string> {
    const { tenantId, clientId, servicePrincipalId } = this.application
    const subject = { tenantId, clientId, servicePrincipalId, displayName: 'unit', roles }
    return this.context.accessTokens.issueForApp(subject, 'https://graph.microsoft.com', '1')
  }

  /** A delegated token of somebody with these scopes. */
  async userToken(user: User, ...scopes: string[]): Promise<string> {
    const claims = { appid: this.application.clientId, oid: user.id, sub: user.id, scp: scopes.join(' ') }
    return this.context.accessTokens.sign(user.tenantId, 'https://graph.microsoft.com', claims)
  }

  async call(
    method: string,
    url: string,
    options: { body?: unknown; headers?: Record<string, string>; token?: string; version?: GraphVersion } = {},
  ): Promise<Called> {
    const [path, query = ''] = url.split(/\?(.*)/s)
    const toAnswer = (problem: unknown): GraphResponse => {
      if (!(problem instanceof GraphError)) throw problem
      const body = errorBody(problem, { requestId: 'r', clientRequestId: 'r', millis: 0 })
      return { status: problem.status, headers: problem.headers, body }
    }
    const incoming = {
      version: options.version ?? ('v1.0' as const),
      method,
      path: path!,
      query,
      headers: {
        authorization: `Bearer ${options.token ?? this.#token}`,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body)),
      origin: 'https://unit.example',
      address: '127.0.0.1',
      toAnswer,
    }
    const answer = await dispatch(incoming, this.#router, this.context).catch(toAnswer)
    const body = answer.raw === undefined ? (JSON.parse(JSON.stringify(answer.body ?? {})) as Json) : { raw: String(answer.raw) }
    return { status: answer.status, headers: answer.headers ?? {}, body }
  }

  /** `POST /users/{ada}/onlineMeetings`. */
  async create(body: Json = {}, headers: Record<string, string> = {}): Promise<Json> {
    const answer = await this.call('POST', `/users/${this.ada.id}/onlineMeetings`, { body, headers })
    if (answer.status !== 201) throw new Error(JSON.stringify(answer))
    return answer.body
  }
}

/** Everything but the listening, in a folder of its own that goes with the test. */
export async function openGraph(t: TestContext, env: Record<string, string> = {}): Promise<TestGraph> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-graph-'))
  const context = await openContext(decide({ PARLEY_DATA: folder, PARLEY_LOG_LEVEL: 'silent', PARLEY_DEMO: '1', ...env }))
  t.after(async () => {
    await closeContext(context)
    rmSync(folder, { recursive: true, force: true })
  })
  const { directory } = context
  const tenant = await directory.tenants.create({ domain: 'unit.example', displayName: 'Unit' })
  const ada = await directory.users.create({ tenantId: tenant.id, upn: 'ada@unit.example', displayName: 'Ada' })
  const ben = await directory.users.create({ tenantId: tenant.id, upn: 'ben@unit.example', displayName: 'Ben' })
  const application = await directory.applications.create({
    tenantId: tenant.id,
    displayName: 'unit',
    roles: applicationPermissions,
  })
  const graph = new TestGraph({ context, ada, ben, application, token: '' })
  const token = await graph.appToken(
    'OnlineMeetings.ReadWrite.All',
    'OnlineMeetingArtifact.Read.All',
    'OnlineMeetingTranscript.Read.All',
    'OnlineMeetingRecording.Read.All',
    'VirtualAppointment.ReadWrite.All',
  )
  return new TestGraph({ context, ada, ben, application, token })
}

/** The `error` of an answer. */
export function errorOf(answer: Called): { code: string; message: string; target?: string } {
  return answer.body.error as { code: string; message: string; target?: string }
}
