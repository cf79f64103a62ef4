import type { TSchema } from 'typebox'
import type { Context } from '../config/context.ts'
import type { Principal } from '../identity/principal.ts'
import type { GraphError } from './errors.ts'
import type { QueryOptions } from './odata/query-options.ts'

export type GraphVersion = 'v1.0' | 'beta'
/** Additions of ours that no client of Graph expects; off unless asked for. */
export const extensions = ['list', 'upn', 'ics', 'idempotency'] as const
export type Extension = (typeof extensions)[number]
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** A request after authentication and routing; $batch makes them too, so nothing here is HTTP's. */
export interface GraphRequest {
  version: GraphVersion
  method: Method
  /** The first segment of the path, in lower case: me, users, communications, app… */
  root: string
  /** Keys of the path pattern, percent-decoded. */
  keys: Readonly<Record<string, string>>
  /** Parameters of a function in the path, e.g. of `getAllTranscripts(meetingOrganizerUserId='…')`. */
  parameters: Readonly<Record<string, string>>
  query: QueryOptions
  /** What of ours the server or this request asks for. */
  extensions: ReadonlySet<Extension>
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>
  /** The body as sent; `readBody` parses it. */
  body: Uint8Array | undefined
  principal: Principal
  /** The origin the client used, for `@odata.context` and `Location`. */
  origin: string
  /** The client's address, for logs and throttles. */
  address: string
  /** Run another request as the same caller, as $batch does. Never throws: refusals come back as answers. */
  again(request: InnerRequest): Promise<GraphResponse>
  /** A refusal as an answer. */
  refuse(problem: GraphError): GraphResponse
}

/** A request inside a request. */
export interface InnerRequest {
  method: string
  /** After the version, percent-encoded, with its query. */
  url: string
  headers: Readonly<Record<string, string | undefined>>
  body: Uint8Array | undefined
}

export interface GraphResponse {
  status: number
  headers?: Record<string, string>
  /** Written as JSON; absent for 204. */
  body?: unknown
  /** Written as it is, with the content type given in headers. */
  raw?: string | Uint8Array
}

/** Who may call: application roles, delegated scopes (any one of them). An empty list means "not supported". */
export interface Permissions {
  application: readonly string[]
  delegated: readonly string[]
}

/** One operation, one file. */
export interface Operation {
  versions: readonly GraphVersion[]
  method: Method
  /** Segments after the version; `{name}` is a key. e.g. `/app/onlineMeetings/{meetingId}`. Names match without case. */
  path: string
  permissions: Permissions
  /** Query options the operation takes besides none, e.g. `$select`. */
  queryOptions: readonly string[]
  /** Further ones, while the `list` extension is asked for. */
  extendedQueryOptions?: readonly string[]
  /** Media types it can answer with besides JSON. */
  produces?: readonly string[]
  /** True: no token is asked for. */
  anonymous?: boolean
  /** True: any valid token will do. */
  unrestricted?: boolean
  /** For the OpenAPI document. */
  summary: string
  /** For the OpenAPI document and $metadata. */
  requestBody?: TSchema
  answer?: { status: number; schema?: TSchema; collection?: boolean }
  /** Which addition of ours it is; 404 unless that is asked for. */
  extension?: Extension
  handle(request: GraphRequest, context: Context): Promise<GraphResponse>
}
