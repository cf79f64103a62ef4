import { grantsOf } from './grants.ts'

/** One phone in a room, as its hub sees it. */
export interface HubMember {
  readonly identity: string
  /** Subscribe to everyone's sound but that of the identities named, and hand frames to the hub. */
  subscribe(): void
  /** A frame of somebody else, by who it is from. */
  receive(source: object, pcm: Int16Array): void
  /** Nothing more will come from there. */
  forget(source: object): void
}

/**
 * The phones of this process in one room, at one sample rate. Only one of them subscribes to the room's sound and
 * shares it: rtc-node decodes and copies every track for every subscriber, which a meeting with many phones cannot
 * afford. Phones of one hub hear each other directly, and never through the media server.
 */
export class RoomHub {
  readonly #members = new Set<HubMember>()
  #listener: HubMember | undefined
  readonly #empty: () => void

  constructor(empty: () => void) {
    this.#empty = empty
  }

  join(member: HubMember): void {
    this.#members.add(member)
    this.#elect()
  }

  leave(member: HubMember): void {
    if (!this.#members.delete(member)) return
    for (const other of this.#members) other.forget(member)
    if (this.#members.size === 0) this.#empty()
    if (this.#listener !== member) return
    this.#listener = undefined
    this.#elect()
  }

  /** Whether a participant is a phone of this hub, whose sound comes directly. */
  has(identity: string): boolean {
    for (const member of this.#members) if (member.identity === identity) return true
    return false
  }

  isListener(member: HubMember): boolean {
    return this.#listener === member
  }

  /** A frame of the room, from the listener. */
  fromRoom(track: object, pcm: Int16Array): void {
    for (const member of this.#members) member.receive(track, pcm)
  }

  /** A track of the room is gone. */
  roomForgets(track: object): void {
    for (const member of this.#members) member.forget(track)
  }

  /** A frame of one phone, for the others. */
  fromMember(speaker: HubMember, pcm: Int16Array): void {
    for (const member of this.#members) if (member !== speaker) member.receive(speaker, pcm)
  }

  #elect(): void {
    if (this.#listener) return
    const [next] = this.#members
    this.#listener = next
    next?.subscribe()
  }
}

const hubs = new Map<string, RoomHub>()

/** The hub of a room, by what the token says; a token that cannot be read shares with nobody. */
export function hubOf(url: string, token: string, rate: number): RoomHub {
  const { room } = grantsOf(token)
  if (room === undefined) return new RoomHub(() => {})
  const key = `${url}\n${room}\n${rate}`
  const known = hubs.get(key)
  if (known) return known
  const hub = new RoomHub(() => hubs.delete(key))
  hubs.set(key, hub)
  return hub
}
