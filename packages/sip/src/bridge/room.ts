/** Why a room was left without being asked to. */
export type RoomLoss = 'removed' | 'ended' | 'lost'

/** What a room tells its phone. */
export interface RoomEvents {
  /** The organizer muted the phone, or unmuted it. */
  muted(muted: boolean): void
  /** Someone came or went. */
  others(change: 'joined' | 'left'): void
  lost(why: RoomLoss): void
}

/** A phone's place in a meeting room: PCM frames of 20 ms at one rate, both ways. */
export interface RoomLeg {
  /** Say a frame to the room. */
  speak(pcm: Int16Array): void
  /** The next frame of everyone else; nothing when all are silent. */
  hear(): Int16Array | undefined
  /** Mute for everyone to see, or unmute. */
  setMuted(muted: boolean): Promise<void>
  close(): Promise<void>
}

/** Joins a room. Rejects when it cannot be joined. `rate` in samples a second. */
export type ConnectRoom = (url: string, token: string, rate: number, events: RoomEvents) => Promise<RoomLeg>
