import { createStore } from '../lib/store.ts'

export type Notice = {
  id: number
  text: string
  intent: 'info' | 'warning'
  action?: { label: string; run: () => void }
}

/** Short messages on screen and for assistive technology; each goes away by itself unless the pointer or focus is on it. */
export class Notices {
  readonly store = createStore<{ notices: Notice[]; held: boolean }>({ notices: [], held: false })
  #id = 0
  readonly #lifetime: number

  constructor(lifetime = 6000) {
    this.#lifetime = lifetime
  }

  add(text: string, more: { intent?: Notice['intent']; action?: Notice['action'] } = {}): void {
    this.#id += 1
    const notice: Notice = { id: this.#id, text, intent: more.intent ?? 'info', ...(more.action ? { action: more.action } : {}) }
    // Many people coming at once must not cover the meeting.
    this.store.set((now) => ({ notices: [...now.notices, notice].slice(-3) }))
    const expire = () => {
      if (this.store.get().held) setTimeout(expire, 1000)
      else this.dismiss(notice.id)
    }
    setTimeout(expire, more.action ? this.#lifetime * 2 : this.#lifetime)
  }

  dismiss(id: number): void {
    this.store.set((now) => ({ notices: now.notices.filter((notice) => notice.id !== id) }))
  }

  hold(held: boolean): void {
    this.store.set({ held })
  }
}
