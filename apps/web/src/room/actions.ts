import type { DoorSession } from '../door/session.ts'
import type { RoomSession } from '../media/room-session.ts'
import type { Notices } from './notices.ts'

export type Panel = 'chat' | 'people' | 'info' | 'settings'
export type View = 'gallery' | 'speaker'

/** Everything a person can do in the room, for the bar, the panels and the keyboard alike. */
export type RoomActions = {
  door: DoorSession
  session: RoomSession
  notices: Notices
  panel: Panel | null
  view: View
  toggleMicrophone: () => void
  toggleCamera: () => void
  toggleShare: () => void
  toggleHand: () => void
  react: (emoji: string) => void
  togglePanel: (panel: Panel) => void
  openPanel: (panel: Panel) => void
  toggleView: () => void
  toggleFullScreen: () => void
  showShortcuts: () => void
  /** Null where the browser has none. */
  pictureInPicture: (() => void) | null
  leave: () => void
  /** Do something on the server; a refusal is shown as a notice. Resolves to whether it worked. */
  attempt: (work: Promise<unknown>) => Promise<boolean>
}
