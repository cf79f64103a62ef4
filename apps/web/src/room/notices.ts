import { createStore } from '../lib/store.ts'

export type Notice = {
  id: number
  /** What it is about; notices about something the person has just opened are dropped. */
  about: 'chat' | 'people' | null
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

  add(text: string, more: { intent?: Notice['intent']; action?: Notice['action']; about?: Notice['about'] } = {}): void {
    this.#id += 1
    const notice: Notice = {
      id: this.#id,
      text,
      about: more.about ?? null,
      intent: more.intent ?? 'info',
      ...(more.action ? { action: more.action } : {}),
    }
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

  /** Drop what is about something that is now open. */
  seen(about: NonNullable<Notice['about']>): void {
    this.store.set((now) => ({ notices: now.notices.filter((notice) => notice.about !== about) }))
  }

  hold(held: boolean): void {
    this.store.set({ held })
  }
}
