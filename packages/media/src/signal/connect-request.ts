import { gunzipSync } from 'node:zlib'
import { ClientInfo_SDK, JoinRequest, WrappedJoinRequest, WrappedJoinRequest_Compression } from '@livekit/protocol'
import { checkAttributes, checkMetadata } from '../common/limits.ts'
import type { JoinInit } from '../room/join-init.ts'
import type { Grants } from '../token/grants.ts'
import { TokenError } from '../token/token.ts'

/** A connect request was refused: HTTP status and what the client is told. */
export class ConnectError extends Error {
  override name = 'ConnectError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const MAX_JOIN_REQUEST = 1_000_000
const MAX_IDENTITY = 256
const MAX_ROOM = 256

/** The token of a request: the Authorization header, else the access_token parameter. */
export function tokenOf(url: URL, authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') return url.searchParams.get('access_token') ?? ''
  if (!authorization.startsWith('Bearer ')) {
    throw new ConnectError(401, 'invalid authorization header. Must start with Bearer ')
  }
  return authorization.slice('Bearer '.length)
}

/** What a client connects with. */
export interface ConnectRequest {
  room: string
  init: JoinInit
  /** It says that it is LiveKit's JavaScript client. */
  isJavaScript: boolean
}

/** Room and settings a client connects with. Throws ConnectError. */
export function readConnectRequest(url: URL, grants: Grants, isV1: boolean): ConnectRequest {
  if (!grants.roomJoin) throw new ConnectError(401, 'permissions denied')
  if (grants.identity === '') throw new ConnectError(400, 'identity cannot be empty')
  if (grants.identity.length > MAX_IDENTITY)
    throw new ConnectError(400, `participant identity length exceeds limits: max length ${MAX_IDENTITY}`)
  if (grants.room === '') throw new ConnectError(400, 'no room name')
  if (grants.room.length > MAX_ROOM) throw new ConnectError(400, `room name length exceeds limits: max length ${MAX_ROOM}`)
  const wrapped = url.searchParams.get('join_request') ?? ''
  if (wrapped !== '') {
    const request = decodeJoinRequest(wrapped)
    const isJavaScript = request.clientInfo?.sdk === ClientInfo_SDK.JS
    return { room: grants.room, init: fromJoinRequest(request, grants), isJavaScript }
  }
  if (isV1) throw new ConnectError(400, 'join_request is required')
  const isJavaScript = url.searchParams.get('sdk') === 'js'
  return { room: grants.room, init: fromParameters(url.searchParams, grants), isJavaScript }
}

function fromParameters(parameters: URLSearchParams, grants: Grants): JoinInit {
  const flag = (name: string, otherwise: boolean): boolean => {
    const value = parameters.get(name)
    return value === null || value === '' ? otherwise : value === '1' || value === 'true'
  }
  const attributes = readAttributes(parameters.get('attributes') ?? '')
  return {
    grants: withOwn(grants, '', attributes),
    singleConnection: false,
    autoSubscribe: flag('auto_subscribe', true),
    reconnect: flag('reconnect', false),
    subscriberAllowPause: flag('subscriber_allow_pause', true),
    clientProtocol: protocolOf(Number(parameters.get('client_protocol'))),
    publisherOffer: undefined,
    addTracks: [],
  }
}

function fromJoinRequest(request: JoinRequest, grants: Grants): JoinInit {
  const settings = request.connectionSettings
  return {
    grants: withOwn(grants, request.metadata, request.participantAttributes),
    singleConnection: true,
    autoSubscribe: settings?.autoSubscribe ?? false,
    reconnect: request.reconnect,
    subscriberAllowPause: settings?.subscriberAllowPause ?? true,
    clientProtocol: protocolOf(request.clientInfo?.clientProtocol ?? 0),
    publisherOffer: request.publisherOffer?.toBinary(),
    addTracks: request.addTrackRequests.slice(0, 32).map((track) => track.toBinary()),
  }
}

function decodeJoinRequest(wrapped: string): JoinRequest {
  if (wrapped.length > MAX_JOIN_REQUEST) throw new ConnectError(400, 'join request too large')
  let request: WrappedJoinRequest
  try {
    request = WrappedJoinRequest.fromBinary(Buffer.from(wrapped, 'base64url'))
  } catch {
    throw new ConnectError(400, 'cannot unmarshal wrapped join request')
  }
  let bytes: Uint8Array = request.joinRequest
  if (request.compression === WrappedJoinRequest_Compression.GZIP) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: MAX_JOIN_REQUEST })
    } catch (error) {
      const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      throw new ConnectError(400, isLarge ? 'join request too large' : 'cannot read decompressed join request')
    }
  }
  try {
    return JoinRequest.fromBinary(bytes)
  } catch {
    throw new ConnectError(400, 'cannot unmarshal join request')
  }
}

function readAttributes(encoded: string): Record<string, string> {
  if (encoded === '') return {}
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString())
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    throw new ConnectError(400, 'cannot decode attributes')
  }
}

/** A protocol number others are shown; 0 for one that is none. */
function protocolOf(said: number): number {
  return Number.isInteger(said) && said >= 0 && said <= 0xffff ? said : 0
}

function withOwn(grants: Grants, metadata: string, attributes: Record<string, string>): Grants {
  const added = Object.entries(attributes).filter(([, value]) => value !== '')
  if (metadata === '' && added.length === 0) return grants
  if (!grants.canUpdateOwnMetadata) throw new ConnectError(401, 'permissions denied')
  const own = { metadata: metadata || grants.metadata, attributes: { ...grants.attributes, ...Object.fromEntries(added) } }
  try {
    checkMetadata(own.metadata)
    checkAttributes(own.attributes)
  } catch (error) {
    throw new ConnectError(400, error instanceof Error ? error.message : 'metadata exceeds limits')
  }
  return { ...grants, ...own }
}

/** How a refused connection is answered. */
export function statusOf(error: unknown): { status: number; message: string } {
  if (error instanceof ConnectError) return { status: error.status, message: error.message }
  if (error instanceof TokenError) return { status: 401, message: error.message }
  return { status: 500, message: 'internal error' }
}
