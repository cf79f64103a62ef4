import {
  ClientConfigSetting,
  ClientConfiguration,
  type DisconnectReason,
  JoinResponse,
  ParticipantInfo,
  type ParticipantInfo_State,
  type Room as RoomInfo,
} from '@livekit/protocol'
import { PUBLISHABLE } from '../sdp/codecs.ts'
import { type Grants, permissionOf } from '../token/grants.ts'
import type { RoomHost } from './host.ts'
import type { JoinInit } from './join-init.ts'
import type { PublishedTrack } from './published-track.ts'

const PING_TIMEOUT_S = 15
const PING_INTERVAL_S = 5

interface Described {
  readonly sid: string
  readonly identity: string
  readonly joinedAtMs: number
  readonly state: ParticipantInfo_State
  readonly version: number
  readonly name: string
  readonly metadata: string
  readonly attributes: Record<string, string>
  readonly grants: Grants
  readonly init: JoinInit
  readonly closeReason: DisconnectReason
  readonly tracks: ReadonlyMap<string, PublishedTrack>
}

/** A participant as others are told of it. */
export function participantInfo(participant: Described): ParticipantInfo {
  const { sid, identity, state, metadata, name, version, attributes, grants, joinedAtMs } = participant
  const tracks = [...participant.tracks.values()].filter(({ isPublished }) => isPublished).map(({ info }) => info)
  return new ParticipantInfo({
    sid,
    identity,
    state,
    tracks,
    metadata,
    joinedAt: BigInt(Math.floor(joinedAtMs / 1000)),
    joinedAtMs: BigInt(joinedAtMs),
    name,
    version,
    permission: permissionOf(grants),
    isPublisher: tracks.length > 0,
    kind: grants.kind,
    attributes,
    disconnectReason: participant.closeReason,
    clientProtocol: participant.init.clientProtocol,
  })
}

interface Joining<P> extends Described {
  readonly room: {
    readonly host: RoomHost
    info(): RoomInfo
    visibleTo(participant: P): { info(): ParticipantInfo }[]
  }
}

/** The first message a client gets. */
export function joinResponse<P extends Joining<P>>(participant: P): JoinResponse {
  const { room, init, grants } = participant
  const { serverInfo, iceServers } = room.host
  return new JoinResponse({
    room: room.info(),
    participant: participantInfo(participant),
    otherParticipants: room.visibleTo(participant).map((other) => other.info()),
    serverVersion: serverInfo.version,
    serverInfo,
    // Credentials of a relay are for those who have something to send through it.
    iceServers: grants.canPublish || grants.canSubscribe ? iceServers : [],
    subscriberPrimary: !init.singleConnection,
    pingTimeout: PING_TIMEOUT_S,
    pingInterval: PING_INTERVAL_S,
    clientConfiguration: new ClientConfiguration({ resumeConnection: ClientConfigSetting.DISABLED }),
    enabledPublishCodecs: PUBLISHABLE.map((mime) => ({ mime })),
    // As livekit-server: without it the Rust client waits 150 ms to offer, and may then cross our requests for sections.
    fastPublish: grants.canPublish,
  })
}
