import type { TSchema } from 'typebox'
import type { AccessRefusals } from '../audit/access-refusals.ts'
import type { ChatAccess } from '../chat/chat-access.ts'
import type { ChatManager } from '../chat/chat-manager.ts'
import type { Clock } from '../common/clock.ts'
import type { RateLimit } from '../common/rate-limit.ts'
import type { Config } from '../config/config.ts'
import type { Extension } from '../config/extensions.ts'
import type { Metrics } from '../http/metrics.ts'
import type { StaticDocument } from '../http/static-document.ts'
import type { AccessPolicies } from '../identity/access-policies.ts'
import type { AccessTokens } from '../identity/access-tokens.ts'
import type { Directory } from '../identity/directory.ts'
import type { Principal } from '../identity/principal.ts'
import type { AttendanceSource } from '../meetings/attendance-source.ts'
import type { MeetingManager } from '../meetings/meeting-manager.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import type { Organizers } from '../meetings/organizers.ts'
import type { Roster } from '../meetings/roster.ts'
import type { Database } from '../store/database.ts'
import type { Subscriptions } from '../subscriptions/subscriptions.ts'
import type { GraphError } from './errors.ts'
import type { QueryOptions } from './odata/query-options.ts'

/** What operations need of the server. */
export interface GraphContext {
  config: Config
  clock: Clock
  db: Database
  directory: Directory
  accessTokens: AccessTokens
  accessPolicies: AccessPolicies
  accessRefusals: AccessRefusals
  meetings: MeetingManager
  meetingStore: MeetingStore
  organizers: Organizers
  /** Who came to meetings, and when. */
  attendance: AttendanceSource
  roster: Roster
  chat: ChatManager
  /** The door's word on who is in. */
  chatAccess: ChatAccess
  subscriptions: Subscriptions
  graphRateLimit: RateLimit
  metrics: Metrics
}

export type GraphVersion = 'v1.0' | 'beta'
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
  subrequest(request: Subrequest): Promise<GraphResponse>
  /** A refusal as an answer. */
  refuse(problem: GraphError): GraphResponse
}

/** A request inside a request. */
export interface Subrequest {
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
  /** The same, made once for everybody: sent compressed and with an ETag where the transport can. */
  document?: StaticDocument
}

/** Who may call: application roles, delegated scopes (any one of them). An empty list means "not supported". */
interface Permissions {
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
  handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse>
}
