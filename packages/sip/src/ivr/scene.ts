/** One stage of a visit, running by itself until stopped. */
export interface Scene {
  /** End it; `isExit` unless the caller stays in the room in another scene. */
  stop(isExit: boolean): Promise<void>
}

/** Why a visit ends by the caller's or the room's doing, rather than by the door's. */
export type SceneEnd = 'left' | 'removed' | 'ended' | 'lost' | 'failed'
