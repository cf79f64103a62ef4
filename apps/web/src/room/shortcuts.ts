import type { Key } from '../i18n/en.ts'
import type { RoomActions } from './actions.ts'

type Shortcut = { keys: string[]; does: Key; matches: (event: KeyboardEvent) => boolean; run: (actions: RoomActions) => void }

// `code` and not `key`: Alt and Shift change the letter on many layouts. Never a single letter (WCAG 2.1.4).
const control = (code: string) => (event: KeyboardEvent) =>
  event.code === code && (event.ctrlKey || event.metaKey) && event.shiftKey && !event.altKey
const alt = (code: string) => (event: KeyboardEvent) =>
  event.code === code && event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey

/** The keyboard shortcuts: those Teams has where it has one. */
export const shortcuts: Shortcut[] = [
  { keys: ['Ctrl', 'Shift', 'M'], does: 'keys.mic', matches: control('KeyM'), run: (actions) => actions.toggleMicrophone() },
  { keys: ['Ctrl', 'Shift', 'O'], does: 'keys.camera', matches: control('KeyO'), run: (actions) => actions.toggleCamera() },
  { keys: ['Ctrl', 'Shift', 'E'], does: 'keys.share', matches: control('KeyE'), run: (actions) => actions.toggleShare() },
  { keys: ['Ctrl', 'Shift', 'K'], does: 'keys.hand', matches: control('KeyK'), run: (actions) => actions.toggleHand() },
  { keys: ['Alt', 'Shift', 'C'], does: 'keys.chat', matches: alt('KeyC'), run: (actions) => actions.togglePanel('chat') },
  { keys: ['Alt', 'Shift', 'P'], does: 'keys.people', matches: alt('KeyP'), run: (actions) => actions.togglePanel('people') },
  { keys: ['Alt', 'Shift', 'I'], does: 'keys.info', matches: alt('KeyI'), run: (actions) => actions.togglePanel('info') },
  { keys: ['Alt', 'Shift', 'V'], does: 'keys.view', matches: alt('KeyV'), run: (actions) => actions.toggleView() },
  { keys: ['Alt', 'Shift', 'F'], does: 'keys.full', matches: alt('KeyF'), run: (actions) => actions.toggleFullScreen() },
  { keys: ['Ctrl', 'Shift', 'H'], does: 'keys.leave', matches: control('KeyH'), run: (actions) => actions.leave() },
  {
    keys: ['Ctrl', '/'],
    does: 'keys.list',
    matches: (event) => event.key === '/' && (event.ctrlKey || event.metaKey) && !event.altKey,
    run: (actions) => actions.showShortcuts(),
  },
]

/** Held to speak while muted. */
export const talkKeys = ['Ctrl', 'Space']

/** Listen to the keyboard; `now` gives the actions of this moment. Returns the function that stops listening. */
export function listenToKeys(now: () => RoomActions): () => void {
  let talking = false
  const down = (event: KeyboardEvent) => {
    if (event.repeat) return
    if (event.code === 'Space' && event.ctrlKey && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      const { session } = now()
      if (!talking && !session.store.get().microphone && session.store.get().can.microphone) {
        talking = true
        void session.setMicrophone(true)
      }
      return
    }
    const found = shortcuts.find((shortcut) => shortcut.matches(event))
    if (!found) return
    event.preventDefault()
    found.run(now())
  }
  const up = (event: KeyboardEvent) => {
    if (!talking || (event.code !== 'Space' && event.key !== 'Control')) return
    talking = false
    void now().session.setMicrophone(false)
  }
  addEventListener('keydown', down)
  addEventListener('keyup', up)
  return () => {
    removeEventListener('keydown', down)
    removeEventListener('keyup', up)
  }
}
