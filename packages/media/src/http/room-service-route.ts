import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Message, MessageType } from '@bufbuild/protobuf'
import {
  CreateRoomRequest,
  DeleteRoomRequest,
  DeleteRoomResponse,
  ListParticipantsRequest,
  ListParticipantsResponse,
  ListRoomsRequest,
  ListRoomsResponse,
  MuteRoomTrackRequest,
  MuteRoomTrackResponse,
  ParticipantInfo,
  RemoveParticipantResponse,
  Room,
  RoomParticipantIdentity,
  SendDataRequest,
  SendDataResponse,
  UpdateParticipantRequest,
  UpdateRoomMetadataRequest,
  UpdateSubscriptionsRequest,
  UpdateSubscriptionsResponse,
} from '@livekit/protocol'
import { TWIRP_STATUS, TwirpError } from '../common/twirp-error.ts'
import type { Grants } from '../token/grants.ts'

const PREFIX = '/twirp/livekit.RoomService/'
const MAX_BODY = 1_000_000

type Permission = 'roomCreate' | 'roomList' | 'roomAdmin'

interface Method {
  request: MessageType
  response: MessageType
  permission: Permission
}

/** The RoomService methods there are. */
export const METHODS: Record<string, Method> = {
  CreateRoom: { request: CreateRoomRequest, response: Room, permission: 'roomCreate' },
  ListRooms: { request: ListRoomsRequest, response: ListRoomsResponse, permission: 'roomList' },
  DeleteRoom: { request: DeleteRoomRequest, response: DeleteRoomResponse, permission: 'roomCreate' },
  ListParticipants: { request: ListParticipantsRequest, response: ListParticipantsResponse, permission: 'roomAdmin' },
  GetParticipant: { request: RoomParticipantIdentity, response: ParticipantInfo, permission: 'roomAdmin' },
  RemoveParticipant: { request: RoomParticipantIdentity, response: RemoveParticipantResponse, permission: 'roomAdmin' },
  MutePublishedTrack: { request: MuteRoomTrackRequest, response: MuteRoomTrackResponse, permission: 'roomAdmin' },
  UpdateParticipant: { request: UpdateParticipantRequest, response: ParticipantInfo, permission: 'roomAdmin' },
  UpdateSubscriptions: { request: UpdateSubscriptionsRequest, response: UpdateSubscriptionsResponse, permission: 'roomAdmin' },
  SendData: { request: SendDataRequest, response: SendDataResponse, permission: 'roomAdmin' },
  UpdateRoomMetadata: { request: UpdateRoomMetadataRequest, response: Room, permission: 'roomAdmin' },
}

/** Carries out a call: the request decoded, its grants checked. Rejects with TwirpError. */
export type CallRoomService = (method: string, request: Message) => Promise<Message>

/** Whether the path is the RoomService's. */
export function isRoomServicePath(path: string): boolean {
  return path.startsWith(PREFIX)
}

/** Serves one RoomService call over Twirp, in protobuf or JSON as the client prefers. */
export async function serveRoomService(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  verify: (request: IncomingMessage) => Promise<Grants>,
  call: CallRoomService,
): Promise<void> {
  try {
    const name = path.slice(PREFIX.length)
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined
    if (request.method !== 'POST')
      throw new TwirpError('bad_route', `unsupported method ${request.method} (only POST is allowed)`)
    if (method === undefined) throw new TwirpError('bad_route', `no handler for path ${path}`)
    const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
    if (type !== 'application/json' && type !== 'application/protobuf') {
      throw new TwirpError('bad_route', `unexpected Content-Type: ${type}`)
    }
    const isJson = type === 'application/json'
    const grants = await verify(request)
    const message = decode(method.request, await readBody(request), isJson)
    checkPermission(grants, method.permission, message)
    const result = await call(name, message)
    const body = isJson
      ? Buffer.from(result.toJsonString({ emitDefaultValues: true, useProtoFieldName: true }))
      : Buffer.from(result.toBinary())
    response.writeHead(200, { 'content-type': type, 'content-length': body.length })
    response.end(body)
  } catch (error) {
    fail(response, error)
  }
}

function checkPermission(grants: Grants, permission: Permission, message: Message): void {
  const room = (message as unknown as { room?: string }).room
  // LiveKit answers a missing grant as it answers a missing token.
  const isAllowed = permission === 'roomAdmin' ? grants.roomAdmin && grants.room === room : grants[permission]
  if (!isAllowed) throw new TwirpError('unauthenticated', 'permissions denied')
}

function decode(type: MessageType, body: Buffer, isJson: boolean): Message {
  try {
    if (!isJson) return type.fromBinary(body)
    return type.fromJsonString(body.toString() || '{}', { ignoreUnknownFields: true })
  } catch (error) {
    throw new TwirpError(
      'malformed',
      `the request could not be decoded: ${error instanceof Error ? error.message.slice(0, 200) : ''}`,
    )
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new TwirpError('invalid_argument', `the request is larger than ${MAX_BODY} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function fail(response: ServerResponse, error: unknown): void {
  const known = error instanceof TwirpError ? error : new TwirpError('internal', 'internal error')
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = Buffer.from(JSON.stringify({ code: known.code, msg: known.message }))
  // The rest of an oversized body is not worth reading.
  response.writeHead(TWIRP_STATUS[known.code], {
    'content-type': 'application/json',
    'content-length': body.length,
    connection: 'close',
  })
  response.end(body)
}
