import {
  CreateRoomRequest,
  DataPacket,
  DataPacket_Kind,
  DeleteRoomResponse,
  DisconnectReason,
  ListParticipantsResponse,
  ListRoomsResponse,
  MuteRoomTrackRequest,
  MuteRoomTrackResponse,
  MuteTrackRequest,
  RemoveParticipantResponse,
  RoomParticipantIdentity,
  SendDataRequest,
  SendDataResponse,
  UpdateParticipantRequest,
  UpdateRoomMetadataRequest,
  UpdateSubscriptionsRequest,
  UpdateSubscriptionsResponse,
  UserPacket,
} from '@livekit/protocol'
import { checkAttributes, checkMetadata, checkName, mergeAttributes } from '../common/limits.ts'
import { TwirpError } from '../common/twirp-error.ts'
import { withPermission } from '../token/grants.ts'
import { LOSSY, RELIABLE } from './data-link.ts'
import type { Participant } from './participant.ts'
import type { Room } from './room.ts'

/** A message of the protocol, ready to be encoded. */
interface Encodable {
  toBinary(): Uint8Array
}

/** The rooms of this process. */
export interface Rooms {
  get(name: string): Room | undefined
  all(): Iterable<Room>
  create(request: CreateRoomRequest): Room
  /** Tells the client of a token with other grants. */
  grantsChanged(participant: Participant): void
}

/** Carries out a RoomService method on the rooms here. Throws TwirpError; grants were checked before. */
export function callRoomService(rooms: Rooms, method: string, body: Uint8Array): Encodable {
  switch (method) {
    case 'CreateRoom':
      return rooms.create(CreateRoomRequest.fromBinary(body)).info()
    case 'ListRooms':
      return new ListRoomsResponse({ rooms: [...rooms.all()].map((room) => room.info()) })
    case 'DeleteRoom': {
      const { room } = RoomParticipantIdentity.fromBinary(body)
      roomOf(rooms, room).close(DisconnectReason.ROOM_DELETED)
      return new DeleteRoomResponse()
    }
    case 'ListParticipants': {
      const room = rooms.get(RoomParticipantIdentity.fromBinary(body).room)
      return new ListParticipantsResponse({
        participants: room === undefined ? [] : [...room.participants.values()].map((p) => p.info()),
      })
    }
    case 'GetParticipant': {
      const { room, identity } = RoomParticipantIdentity.fromBinary(body)
      return participantOf(rooms, room, identity).info()
    }
    case 'RemoveParticipant': {
      const { room, identity } = RoomParticipantIdentity.fromBinary(body)
      participantOf(rooms, room, identity).close(DisconnectReason.PARTICIPANT_REMOVED)
      return new RemoveParticipantResponse()
    }
    case 'MutePublishedTrack':
      return mute(rooms, MuteRoomTrackRequest.fromBinary(body))
    case 'UpdateParticipant':
      return updateParticipant(rooms, UpdateParticipantRequest.fromBinary(body))
    case 'UpdateSubscriptions':
      return updateSubscriptions(rooms, UpdateSubscriptionsRequest.fromBinary(body))
    case 'SendData':
      return sendData(rooms, SendDataRequest.fromBinary(body))
    case 'UpdateRoomMetadata': {
      const request = UpdateRoomMetadataRequest.fromBinary(body)
      checkMetadata(request.metadata)
      const room = roomOf(rooms, request.room)
      room.setMetadata(request.metadata)
      return room.info()
    }
    default:
      throw new TwirpError('bad_route', `no handler for method ${method}`)
  }
}

function roomOf(rooms: Rooms, name: string): Room {
  const room = rooms.get(name)
  if (room === undefined) throw new TwirpError('not_found', 'requested room does not exist')
  return room
}

function participantOf(rooms: Rooms, room: string, identity: string): Participant {
  const participant = rooms.get(room)?.participants.get(identity)
  if (participant === undefined) throw new TwirpError('not_found', 'participant does not exist')
  return participant
}

function mute(rooms: Rooms, request: MuteRoomTrackRequest): MuteRoomTrackResponse {
  const participant = participantOf(rooms, request.room, request.identity)
  const track = participant.tracks.get(request.trackSid)
  if (track === undefined) throw new TwirpError('not_found', 'track is not found')
  if (!request.muted && !participant.room.host.remoteUnmute)
    throw new TwirpError('failed_precondition', 'remote unmute not enabled')
  // Who is silenced is not to go on by another of their microphones: a mute of sound is one of all their sound.
  const all =
    request.muted && track.kind === 'audio' ? [...participant.tracks.values(), ...participant.negotiation.allPending] : [track]
  for (const each of all) {
    if (each.kind !== track.kind || each.info.muted === request.muted) continue
    participant.send({ case: 'mute', value: new MuteTrackRequest({ sid: each.info.sid, muted: request.muted }) })
    participant.room.setMuted(participant, each, request.muted)
  }
  return new MuteRoomTrackResponse({ track: track.info })
}

function updateParticipant(rooms: Rooms, request: UpdateParticipantRequest): Encodable {
  checkName(request.name)
  checkMetadata(request.metadata)
  const participant = participantOf(rooms, request.room, request.identity)
  const attributes = mergeAttributes(participant.attributes, request.attributes)
  checkAttributes(attributes)
  participant.attributes = attributes
  if (request.name !== '') participant.name = request.name
  if (request.metadata !== '') participant.metadata = request.metadata
  if (request.permission !== undefined) participant.setGrants(withPermission(participant.grants, request.permission))
  participant.room.announce(participant)
  rooms.grantsChanged(participant)
  return participant.info()
}

function updateSubscriptions(rooms: Rooms, request: UpdateSubscriptionsRequest): UpdateSubscriptionsResponse {
  const participant = participantOf(rooms, request.room, request.identity)
  const sids = [...request.trackSids, ...request.participantTracks.flatMap(({ trackSids }) => trackSids)]
  participant.updateSubscriptions(sids, request.subscribe)
  return new UpdateSubscriptionsResponse()
}

function sendData(rooms: Rooms, request: SendDataRequest): SendDataResponse {
  const room = roomOf(rooms, request.room)
  const user = new UserPacket({
    payload: request.data,
    destinationSids: request.destinationSids,
    destinationIdentities: request.destinationIdentities,
    nonce: request.nonce,
    ...(request.topic === undefined ? {} : { topic: request.topic }),
  })
  const packet = new DataPacket({
    kind: request.kind,
    destinationIdentities: request.destinationIdentities,
    value: { case: 'user', value: user },
  })
  room.deliver(packet, request.kind === DataPacket_Kind.LOSSY ? LOSSY : RELIABLE, undefined)
  return new SendDataResponse()
}
