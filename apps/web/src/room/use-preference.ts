import { useCallback, useState } from 'react'
import { recall, remember } from '../lib/storage.ts'

/** A yes or no that this browser remembers. */
export function usePreference(key: string, initial: boolean): [boolean, (on: boolean) => void] {
  const [on, set] = useState(() => (recall(key) ?? (initial ? 'yes' : 'no')) === 'yes')
  const change = useCallback(
    (next: boolean) => {
      remember(key, next ? 'yes' : 'no')
      set(next)
    },
    [key],
  )
  return [on, change]
}
