// Storage may be forbidden (private windows, policies); the pages work without it.

function attempt<T>(what: () => T, otherwise: T): T {
  try {
    return what()
  } catch {
    return otherwise
  }
}

/** A value kept for this browser, or null. */
export const recall = (key: string): string | null => attempt(() => localStorage.getItem(`parley.${key}`), null)

/** Keep a value for this browser; null forgets it. */
export function remember(key: string, value: string | null): void {
  attempt(
    () => (value === null ? localStorage.removeItem(`parley.${key}`) : localStorage.setItem(`parley.${key}`, value)),
    undefined,
  )
}

/** A value kept for this tab (it survives a reload), or null. */
export const recallTab = (key: string): string | null => attempt(() => sessionStorage.getItem(`parley.${key}`), null)

/** Keep a value for this tab; null forgets it. */
export function rememberTab(key: string, value: string | null): void {
  attempt(
    () => (value === null ? sessionStorage.removeItem(`parley.${key}`) : sessionStorage.setItem(`parley.${key}`, value)),
    undefined,
  )
}
