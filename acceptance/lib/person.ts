import assert from 'node:assert/strict'

interface Asked {
  admission: { id: string; secret: string; state: string; identity: string; role: string }
}

export interface RoomEvent {
  event: string
  data: Record<string, unknown>
}

/** What the tests read of answers; each has some of it. */
interface Answered {
  id: string
  text: string
  from: { identity: string; name: string; you: boolean }
  messages: Answered[]
  more: boolean
  error: { code: string; message: string; target?: string }
}

/** Somebody in a meeting who speaks docs/door-api.md, without a browser and without media. */
export class Person {
  readonly origin: string
  readonly name: string
  readonly admission: Asked['admission']
  readonly events: RoomEvent[] = []
  readonly #abort = new AbortController()
  readonly #waiters = new Set<() => void>()

  private constructor(origin: string, name: string, admission: Asked['admission']) {
    this.origin = origin
    this.name = name
    this.admission = admission
  }

  /** Ask to come in by the thread id of a meeting's link. */
  static async ask(origin: string, threadId: string, name: string): Promise<Person> {
    const response = await fetch(`${origin}/api/door/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-parley-csrf': '1' },
      body: JSON.stringify({
        ...{ link: { threadId, messageId: '0' }, name, lang: 'en', device: { camera: false, microphone: false } },
      }),
    })
    const text = await response.text()
    assert.equal(response.status, 201, text)
    return new Person(origin, name, (JSON.parse(text) as Asked).admission)
  }

  get headers(): Record<string, string> {
    return { authorization: `Admission ${this.admission.id}.${this.admission.secret}`, 'x-parley-csrf': '1' }
  }

  async call(method: string, path: string, body?: unknown) {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(`${this.origin}${path}`, { method, headers: { ...this.headers, ...type }, ...json })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Answered }
  }

  /** Listen to the stream of events; resolves once it is open. */
  async listen(): Promise<void> {
    const response = await fetch(`${this.origin}/api/door/events`, { headers: this.headers, signal: this.#abort.signal })
    assert.equal(response.status, 200)
    void this.#read(response.body!).catch(() => undefined)
  }

  /** The first event, past or coming, that fits. */
  async next(fits: (event: RoomEvent) => boolean): Promise<RoomEvent> {
    for (;;) {
      const found = this.events.find(fits)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        this.#waiters.add(resolve)
      })
    }
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>)) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1]
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (event !== undefined && data !== undefined) this.events.push({ event, data: JSON.parse(data) as RoomEvent['data'] })
      }
      for (const wake of this.#waiters) wake()
      this.#waiters.clear()
    }
  }
}
