/** One stage of a visit, running by itself until stopped. */
export interface Scene {
  /** End it; `quietly` when there is nobody left to talk to. */
  stop(): Promise<void>
}

/** Why a visit ends by the caller's or the room's doing, rather than by the door's. */
export type SceneEnd = 'left' | 'removed' | 'ended' | 'lost' | 'failed'
