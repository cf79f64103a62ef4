import { useSyncExternalStore } from 'react'

/** A value that is replaced as a whole and tells who listens; what React reads with `useStore`. */
type Store<T> = {
  get: () => T
  set: (change: Partial<T> | ((now: T) => Partial<T>)) => void
  subscribe: (listener: () => void) => () => void
}

/** Make a store holding `initial`. */
export function createStore<T extends object>(initial: T): Store<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(change) {
      const part = typeof change === 'function' ? change(value) : change
      value = { ...value, ...part }
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Read a part of a store; renders again only when that part is another value. */
export function useStore<T, R>(store: Store<T>, select: (value: T) => R): R {
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
