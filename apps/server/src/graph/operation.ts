import type { Context } from '../config/context.ts'
import type { Principal } from '../identity/principal.ts'
import type { QueryOptions } from './odata/query-options.ts'

export type GraphVersion = 'v1.0' | 'beta'
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** A request after authentication and routing; $batch makes them too, so nothing here is HTTP's. */
export interface GraphRequest {
  version: GraphVersion
  method: Method
  /** Keys of the path pattern, percent-decoded. */
  keys: Readonly<Record<string, string>>
  query: QueryOptions
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>
  /** The body as sent; `readBody` parses it. */
  body: Uint8Array | undefined
  principal: Principal
  /** The origin the client used, for `@odata.context` and `Location`. */
  origin: string
  /** The client's address, for logs and throttles. */
  address: string
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
  /** Media types it can answer with besides JSON. */
  produces?: readonly string[]
  /** True: no token is asked for. */
  anonymous?: boolean
  /** For the OpenAPI document. */
  summary: string
  handle(request: GraphRequest, context: Context): Promise<GraphResponse>
}
