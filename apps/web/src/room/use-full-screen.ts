import { useSyncExternalStore } from 'react'

function follow(changed: () => void): () => void {
  document.addEventListener('fullscreenchange', changed)
  return () => document.removeEventListener('fullscreenchange', changed)
}

/** Whether the page fills the screen, however that came about. */
export function useFullScreen(): boolean {
  return useSyncExternalStore(follow, () => document.fullscreenElement !== null)
}
