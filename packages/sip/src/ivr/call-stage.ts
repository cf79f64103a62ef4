/** One stage of a session, running by itself until stopped. */
export interface CallStage {
  /** End it; `isExit` unless the caller stays in the room in another stage. */
  stop(isExit: boolean): Promise<void>
}

/** Why a session ends by the caller's or the room's doing, rather than by the door's. */
export type StageEnd = 'left' | 'removed' | 'ended' | 'lost' | 'failed'
