import { ParticipantInfo_Kind, ParticipantPermission, TrackSource, TrackType } from '@livekit/protocol'

/** What a LiveKit access token allows, as far as this server enforces it. Plain data: it crosses process borders. */
export interface Grants {
  /** API key that signed it. */
  key: string
  identity: string
  name: string
  metadata: string
  attributes: Record<string, string>
  kind: ParticipantInfo_Kind
  /** SHA-256 of a body the token vouches for, base64; only webhooks use it. */
  sha256: string
  /** Seconds since the epoch the token is valid from; 0 when it does not say. */
  notBefore: number
  expiresAt: number
  room: string
  roomJoin: boolean
  roomAdmin: boolean
  roomCreate: boolean
  roomList: boolean
  hidden: boolean
  recorder: boolean
  agent: boolean
  canPublish: boolean
  /** Empty: every source. */
  canPublishSources: TrackSource[]
  canSubscribe: boolean
  canPublishData: boolean
  canUpdateOwnMetadata: boolean
  roomConfig: RoomConfig
}

/** Settings a token or CreateRoom gives a room; undefined keeps the server's default. Seconds. */
export interface RoomConfig {
  name?: string
  emptyTimeout?: number
  departureTimeout?: number
  maxParticipants?: number
  metadata?: string
}

const SOURCES: Record<string, TrackSource> = {
  camera: TrackSource.CAMERA,
  microphone: TrackSource.MICROPHONE,
  screen_share: TrackSource.SCREEN_SHARE,
  screen_share_audio: TrackSource.SCREEN_SHARE_AUDIO,
}

const KINDS: Record<string, ParticipantInfo_Kind> = {
  standard: ParticipantInfo_Kind.STANDARD,
  ingress: ParticipantInfo_Kind.INGRESS,
  egress: ParticipantInfo_Kind.EGRESS,
  sip: ParticipantInfo_Kind.SIP,
  agent: ParticipantInfo_Kind.AGENT,
  connector: ParticipantInfo_Kind.CONNECTOR,
}

type Claims = Record<string, unknown>

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const count = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0)
const object = (value: unknown): Claims => (typeof value === 'object' && value !== null ? (value as Claims) : {})

/** Reads the claims of a verified token. Unknown members are ignored; wrongly typed ones count as absent. */
export function readGrants(key: string, claims: Claims): Grants {
  const video = object(claims.video)
  const publish = optional(video.canPublish)
  const subscribe = optional(video.canSubscribe)
  const publishData = optional(video.canPublishData)
  return {
    key,
    identity: text(claims.sub) || text(claims.jti),
    name: text(claims.name),
    metadata: text(claims.metadata),
    attributes: strings(claims.attributes),
    kind: KINDS[text(claims.kind)] ?? ParticipantInfo_Kind.STANDARD,
    sha256: text(claims.sha256),
    notBefore: count(claims.nbf) || count(claims.iat),
    expiresAt: count(claims.exp),
    room: text(video.room),
    roomJoin: video.roomJoin === true,
    roomAdmin: video.roomAdmin === true,
    roomCreate: video.roomCreate === true,
    roomList: video.roomList === true,
    hidden: video.hidden === true,
    recorder: video.recorder === true,
    agent: video.agent === true,
    canPublish: publish ?? true,
    canPublishSources: sources(video.canPublishSources),
    canSubscribe: subscribe ?? true,
    // Allowed to publish but not told about data means data too.
    canPublishData: publishData ?? publish ?? true,
    canUpdateOwnMetadata: video.canUpdateOwnMetadata === true,
    roomConfig: readRoomConfig(object(claims.roomConfig)),
  }
}

function optional(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function strings(value: unknown): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, item] of Object.entries(object(value))) if (typeof item === 'string') result[name] = item
  return result
}

function sources(value: unknown): TrackSource[] {
  if (!Array.isArray(value)) return []
  return value.map((item) => SOURCES[text(item).toLowerCase()]).filter((source) => source !== undefined)
}

function readRoomConfig(value: Claims): RoomConfig {
  const config: RoomConfig = {}
  for (const name of ['emptyTimeout', 'departureTimeout', 'maxParticipants'] as const) {
    if (typeof value[name] === 'number') config[name] = count(value[name])
  }
  if (typeof value.metadata === 'string') config.metadata = value.metadata
  return config
}

/** The permission others are shown and clients act on. */
export function permissionOf(grants: Grants): ParticipantPermission {
  return new ParticipantPermission({
    canSubscribe: grants.canSubscribe,
    canPublish: grants.canPublish,
    canPublishData: grants.canPublishData,
    canPublishSources: grants.canPublishSources,
    hidden: grants.hidden,
    recorder: grants.recorder,
    agent: grants.agent,
    canUpdateMetadata: grants.canUpdateOwnMetadata,
  })
}

/** The grants after UpdateParticipant gave a new permission. */
export function withPermission(grants: Grants, permission: ParticipantPermission): Grants {
  return {
    ...grants,
    canSubscribe: permission.canSubscribe,
    canPublish: permission.canPublish,
    canPublishData: permission.canPublishData,
    canPublishSources: permission.canPublishSources,
    hidden: permission.hidden,
    recorder: permission.recorder,
    agent: permission.agent,
    canUpdateOwnMetadata: permission.canUpdateMetadata,
  }
}

/** The sources each type of track can have. */
const SOURCES_OF: Partial<Record<TrackType, TrackSource[]>> = {
  [TrackType.AUDIO]: [TrackSource.MICROPHONE, TrackSource.SCREEN_SHARE_AUDIO],
  [TrackType.VIDEO]: [TrackSource.CAMERA, TrackSource.SCREEN_SHARE],
}

/**
 * Whether these grants allow publishing a track of that type from that source: sound comes from a microphone or with a screen,
 * pictures from a camera or a screen. A source that is not told could be any, so only who may use them all leaves it out.
 */
export function mayPublish({ canPublish, canPublishSources }: Grants, source: TrackSource, type: TrackType): boolean {
  const fitting = SOURCES_OF[type]
  if (!canPublish || fitting === undefined) return false
  const may = (one: TrackSource): boolean => canPublishSources.length === 0 || canPublishSources.includes(one)
  if (source === TrackSource.UNKNOWN) return Object.values(SOURCES).every(may)
  return fitting.includes(source) && may(source)
}

/** The `video` claim that says the same as these grants. */
export function videoClaim(grants: Grants): Record<string, unknown> {
  const names = Object.entries(SOURCES)
  return {
    room: grants.room,
    roomJoin: grants.roomJoin,
    roomAdmin: grants.roomAdmin,
    roomCreate: grants.roomCreate,
    roomList: grants.roomList,
    hidden: grants.hidden,
    recorder: grants.recorder,
    agent: grants.agent,
    canPublish: grants.canPublish,
    canPublishSources: names.filter(([, source]) => grants.canPublishSources.includes(source)).map(([name]) => name),
    canSubscribe: grants.canSubscribe,
    canPublishData: grants.canPublishData,
    canUpdateOwnMetadata: grants.canUpdateOwnMetadata,
  }
}
