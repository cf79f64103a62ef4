import type { CSSProperties } from 'react'
import { useStore } from '../lib/store.ts'
import type { RoomSession } from '../media/room-session.ts'

/** Reactions floating up from below; with reduced motion they stand still until they go. */
export function ReactionRain({ session }: { session: RoomSession }) {
  const reactions = useStore(session.store, (state) => state.reactions)
  return (
    <div className="rain" aria-hidden="true">
      {reactions.map(({ id, emoji }) => (
        <span key={id} style={{ '--at': (id * 37) % 80 } as CSSProperties}>
          {emoji}
        </span>
      ))}
    </div>
  )
}
