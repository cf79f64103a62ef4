import { saturate } from '../media/pcm.ts'
import { roomOf } from './room-name.ts'

/** One phone in a room, as its mixer sees it. */
export interface MixerMember {
  readonly identity: string
  /** Subscribe to everyone's sound but that of the mixer's own phones. */
  subscribe(): void
  /** A frame of everyone of the room who is to be heard now; asked of the listener alone, every 20 ms. */
  roomFrames(): Int16Array[]
}

/** How many frames of a phone may wait to be mixed. */
const mostWaiting = 3

interface Seat {
  waiting: Int16Array[]
  /** What of it is in the present mix. */
  own: Int16Array | undefined
  hasHeard: boolean
}

/**
 * The phones of this process in one room, at one sample rate. Only one of them subscribes to the room's sound, which is
 * decoded and mixed once for all. Phones of one mixer hear each other directly, and never through the media server.
 */
export class ConferenceMixer {
  readonly #members = new Map<MixerMember, Seat>()
  readonly #empty: () => void
  #listener: MixerMember | undefined
  /** The sum of all that is heard in this frame, and the same as sound; nothing when all are silent. */
  #total: Int32Array | undefined
  #mix: Int16Array | undefined
  #voices = 0

  constructor(empty: () => void) {
    this.#empty = empty
  }

  join(member: MixerMember): void {
    this.#members.set(member, { waiting: [], own: undefined, hasHeard: true })
    this.#elect()
  }

  leave(member: MixerMember): void {
    if (!this.#members.delete(member)) return
    if (this.#members.size === 0) this.#empty()
    if (this.#listener !== member) return
    this.#listener = undefined
    this.#elect()
  }

  /** Whether a participant is a phone of this mixer, whose sound comes directly. */
  has(identity: string): boolean {
    for (const member of this.#members.keys()) if (member.identity === identity) return true
    return false
  }

  isListener(member: MixerMember): boolean {
    return this.#listener === member
  }

  /** A frame of one phone, for the others. */
  say(member: MixerMember, pcm: Int16Array): void {
    const waiting = this.#members.get(member)?.waiting
    if (waiting && waiting.push(pcm) > mostWaiting) waiting.shift()
  }

  /**
   * The next frame a phone hears: everyone but itself, nothing when all are silent. The frame is shared: not to be changed.
   * Phones ask once a beat; the first to ask again begins the next mix.
   */
  hear(member: MixerMember): Int16Array | undefined {
    const seat = this.#members.get(member)
    if (!seat) return undefined
    if (seat.hasHeard) this.#next()
    seat.hasHeard = true
    const total = this.#total
    if (!total) return undefined
    const { own } = seat
    if (!own) {
      this.#mix ??= Int16Array.from(total, saturate)
      return this.#mix
    }
    if (this.#voices === 1) return undefined
    return Int16Array.from(own, (sample, index) => saturate(total[index]! - sample))
  }

  #next(): void {
    const frames = this.#listener?.roomFrames() ?? []
    for (const seat of this.#members.values()) {
      seat.own = seat.waiting.shift()
      seat.hasHeard = false
      if (seat.own) frames.push(seat.own)
    }
    this.#voices = frames.length
    this.#mix = undefined
    this.#total = undefined
    const [first, ...rest] = frames
    if (!first) return
    const total = Int32Array.from(first)
    for (const frame of rest) for (let index = 0; index < total.length; index++) total[index]! += frame[index]!
    this.#total = total
  }

  #elect(): void {
    if (this.#listener) return
    const [next] = this.#members.keys()
    this.#listener = next
    next?.subscribe()
  }
}

const mixers = new Map<string, ConferenceMixer>()

/** The mixer of a room, by what the token says; a token that cannot be read shares with nobody. */
export function mixerOf(url: string, token: string, rate: number): ConferenceMixer {
  const room = roomOf(token)
  if (room === undefined) return new ConferenceMixer(() => {})
  const key = `${url}\n${room}\n${rate}`
  const known = mixers.get(key)
  if (known) return known
  const mixer = new ConferenceMixer(() => mixers.delete(key))
  mixers.set(key, mixer)
  return mixer
}
