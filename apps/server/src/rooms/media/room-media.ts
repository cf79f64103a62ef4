import {
  AccessToken,
  type ParticipantInfo,
  RoomConfiguration,
  RoomServiceClient,
  TrackSource,
  TwirpError,
} from 'livekit-server-sdk'
import type { MediaRights } from '../admission/policy.ts'
import type { MediaLink } from './media-link.ts'
import { SignedRights } from './signed-rights.ts'
import { newTestRoom } from './test-room.ts'

/** What somebody may send into a room. */
export interface MediaPerson {
  /** Room name: the meeting's internal id. */
  room: string
  identity: string
  name: string
  attributes: Record<string, string>
  rights: MediaRights
}

/** Seconds a token of the connection test opens its room. */
const testTokenLifetime = 30

/** Seconds to wait for the media server's answer. */
const requestTimeout = 5

/** Everything Parley says to the media server, in LiveKit's own protocol. */
export class RoomMedia {
  readonly #link: MediaLink
  readonly #rooms: RoomServiceClient
  readonly #signed = new SignedRights()

  constructor(link: MediaLink) {
    this.#link = link
    this.#rooms = new RoomServiceClient(link.apiUrl, link.key, link.secret, { requestTimeout, failover: false })
  }

  /** A token for one person and one room, and the address to take it to. Only the door may ask for one. */
  async access(person: MediaPerson, origin: string): Promise<{ url: string; token: string }> {
    const { identity, name, attributes, room } = person
    const { key, secret, tokenLifetime } = this.#link
    const token = new AccessToken(key, secret, { identity, name, attributes, ttl: tokenLifetime })
    const now = performance.now()
    this.#signed.signed(identity, rightsKey(person), now, now + tokenLifetime * 1_000)
    token.addGrant({ roomJoin: true, room, ...permissionOf(person.rights) })
    return { url: this.#link.clientUrl(origin), token: await token.toJwt() }
  }

  /** A token for a room of one's own in which nothing can be said, to try the way to the media server. */
  async testAccess(millis: number, origin: string): Promise<{ url: string; token: string }> {
    const token = new AccessToken(this.#link.key, this.#link.secret, { identity: 'tester', ttl: testTokenLifetime })
    const nothing = { canPublish: false, canPublishData: false, canUpdateOwnMetadata: false }
    token.addGrant({ roomJoin: true, room: newTestRoom(millis), canSubscribe: false, ...nothing })
    token.roomConfig = new RoomConfiguration({ maxParticipants: 1, emptyTimeout: 1, departureTimeout: 1 })
    return { url: this.#link.clientUrl(origin), token: await token.toJwt() }
  }

  /** Who is in a room now; nobody when there is no such room. Throws when the media server does not answer. */
  async list(room: string): Promise<ParticipantInfo[]> {
    return (await absentAs(undefined, this.#rooms.listParticipants(room))) ?? []
  }

  /** The names of the rooms that exist now. */
  async rooms(): Promise<string[]> {
    return (await this.#rooms.listRooms()).map(({ name }) => name)
  }

  /** Send somebody out; their tokens are dead from then on. */
  async remove(room: string, identity: string): Promise<void> {
    // Tokens valid from before that second are void: those being signed at this moment too. The identity is never used again.
    const revokeTokenTs = BigInt(Math.floor(Date.now() / 1000) + this.#link.tokenLifetime)
    await absentAs(undefined, this.#rooms.removeParticipant(room, identity, { revokeTokenTs }))
  }

  /** Send everybody out and end the room. */
  async end(room: string): Promise<void> {
    await absentAs(undefined, this.#rooms.deleteRoom(room))
  }

  /** Bring what the room shows and allows of somebody up to date. False when they are not in it. */
  async update({ room, identity, name, attributes, rights }: MediaPerson): Promise<boolean> {
    const permission = { ...permissionOf(rights), canUpdateMetadata: false }
    const found = await absentAs(
      undefined,
      this.#rooms.updateParticipant(room, identity, { name, attributes, permission: permission as never }),
    )
    return found !== undefined
  }

  /** Tell the media server what somebody may do now who is not in the room, where a token may be about that says otherwise. */
  async updateAbsent(person: MediaPerson): Promise<void> {
    if (this.#signed.differ(person.identity, rightsKey(person), performance.now())) await this.update(person)
  }

  /** Set attributes; empty text deletes one. False when the person is not in the room. */
  async setAttributes(room: string, identity: string, attributes: Record<string, string>): Promise<boolean> {
    return (await absentAs(undefined, this.#rooms.updateParticipant(room, identity, { attributes }))) !== undefined
  }

  /** Mute what somebody sends from some sources. Returns how many tracks were muted. */
  async mute(room: string, identity: string, sources: readonly TrackSource[]): Promise<number> {
    const person = await absentAs(undefined, this.#rooms.getParticipant(room, identity))
    const tracks = person?.tracks.filter(({ source, muted }) => sources.includes(source) && !muted) ?? []
    await Promise.all(tracks.map(({ sid }) => absentAs(undefined, this.#rooms.mutePublishedTrack(room, identity, sid, true))))
    return tracks.length
  }

  /**
   * Take away what somebody sends from some sources. The protocol has no order for it, so the permission is taken for
   * a moment, at which the media server ends the tracks, and given back.
   */
  async stop(room: string, identity: string, sources: readonly TrackSource[]): Promise<void> {
    const person = await absentAs(undefined, this.#rooms.getParticipant(room, identity))
    const given = person?.permission
    if (given === undefined || !given.canPublish || !person?.tracks.some(({ source }) => sources.includes(source))) return
    const all = [TrackSource.MICROPHONE, TrackSource.CAMERA, TrackSource.SCREEN_SHARE, TrackSource.SCREEN_SHARE_AUDIO]
    const may = given.canPublishSources.length === 0 ? all : given.canPublishSources
    const { canPublishData, canSubscribe } = given
    const without = may.filter((source) => !sources.includes(source))
    for (const canPublishSources of [without, may]) {
      const permission = {
        canPublish: canPublishSources.length > 0,
        canPublishSources,
        canPublishData,
        canSubscribe,
        canUpdateMetadata: false,
      }
      await absentAs(undefined, this.#rooms.updateParticipant(room, identity, { permission: permission as never }))
    }
  }
}

function rightsKey({ rights, attributes }: MediaPerson): string {
  return JSON.stringify([rights, attributes])
}

/** `canPublishSources` empty would mean every source, so somebody who may send nothing gets `canPublish: false`. */
export function permissionOf(rights: MediaRights) {
  const sources = [
    ...(rights.microphone ? [TrackSource.MICROPHONE] : []),
    ...(rights.camera ? [TrackSource.CAMERA] : []),
    ...(rights.share ? [TrackSource.SCREEN_SHARE, TrackSource.SCREEN_SHARE_AUDIO] : []),
  ]
  return {
    canPublish: sources.length > 0,
    canPublishSources: sources,
    canSubscribe: true,
    canPublishData: rights.data,
  }
}

/** The answer, or `instead` when the media server says that the room or person is not there. */
async function absentAs<T, U>(instead: U, answer: Promise<T>): Promise<T | U> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof TwirpError && (error.code === 'not_found' || error.status === 404)) return instead
    throw error
  }
}
