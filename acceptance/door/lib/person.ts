import assert from 'node:assert/strict'
import { type DisconnectReason, type Room, RoomEvent } from '@livekit/rtc-node'
import { headlessRoom } from '../../lib/headless.ts'
import type { Server } from '../../lib/server.ts'

export interface AdmissionView {
  id: string
  secret: string
  state: string
  reason: string | null
  place: number | null
  identity: string
  name: string
  role: string
  signedIn: boolean
}

interface MeetingView {
  state: string
  reason: string | null
  locked: boolean
  policy: Record<string, boolean>
  you: Record<string, boolean>
  [member: string]: unknown
}

export interface Answer {
  status: number
  headers: Headers
  body: {
    admission?: AdmissionView
    meeting?: MeetingView
    media?: { url: string; token: string }
    error?: { code: string; message: string; target?: string; innerError: Record<string, unknown> }
    [member: string]: unknown
  }
}

export type Told = { event: string; data: Record<string, unknown> & { media?: { url: string; token: string } } }

/** Far more than anything takes: a wait ends by what it waits for, and this says which never came. */
const waitMs = 90_000

/** Somebody at the door: asks, listens, and takes part with LiveKit's own headless client. */
export class Person {
  readonly server: Server
  readonly cookies = new Map<string, string>()
  admission: AdmissionView | undefined
  media: { url: string; token: string } | undefined
  /** Everything the stream said, in order. */
  readonly told: Told[] = []
  room: Room | undefined
  #stream: AbortController | undefined
  #heard: (() => void)[] = []
  streamEnded = false
  lastEventId: string | undefined

  constructor(server: Server) {
    this.server = server
  }

  get identity(): string {
    return this.admission!.identity
  }

  get headers(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return {
      'x-parley-csrf': '1',
      ...(cookie === '' ? {} : { cookie }),
      ...(this.admission === undefined ? {} : { authorization: `Admission ${this.admission.id}.${this.admission.secret}` }),
    }
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.server.url}${path}`, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    for (const header of response.headers.getSetCookie()) {
      const [pair = ''] = header.split(';')
      this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : {} }
  }

  /** Ask by a link's thread, as a new admission. */
  async ask(
    threadId: string,
    name: string,
    more: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    this.admission = undefined
    const answer = await this.send('POST', '/api/door/ask', { link: { threadId, messageId: '0' }, name, ...more }, headers)
    this.admission = answer.body.admission
    this.media = answer.body.media
    return answer
  }

  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.send('POST', path, body)
  }

  me(): Promise<Answer> {
    return this.send('GET', '/api/door/me')
  }

  /**
   * Open the event stream; resolves once it has said where this person stands. `resumes` names the last event that was
   * heard, as a page does whose stream has broken.
   */
  async listen({ resumes = false } = {}): Promise<void> {
    const stream = new AbortController()
    this.#stream = stream
    this.streamEnded = false
    const from = this.told.length
    const response = await fetch(`${this.server.url}/api/door/events`, {
      headers: { ...this.headers, ...(resumes && this.lastEventId !== undefined ? { 'last-event-id': this.lastEventId } : {}) },
      signal: stream.signal,
    })
    assert.equal(response.status, 200)
    void this.#read(response.body!).catch(() => undefined)
    await this.hears('admission', () => true, from)
  }

  /** The first event of a name that fits, from a place in what was told on (the beginning by default). */
  async hears(event: string, fits: (data: Told['data']) => boolean = () => true, from = 0): Promise<Told['data']> {
    const deadline = Date.now() + waitMs
    for (;;) {
      const found = this.told.slice(from).find((each) => each.event === event && fits(each.data))
      if (found !== undefined) return found.data
      const left = deadline - Date.now()
      if (left <= 0)
        throw new Error(
          `${this.admission?.name} never heard "${event}"; heard: ${JSON.stringify(this.told.slice(from)).slice(0, 3000)}`,
        )
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#heard.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  /** Take part, with the token at hand. */
  async enter(): Promise<Room> {
    this.room = await connect(this.media!)
    return this.room
  }

  /** Resolves when the media server sends this person out, with its reason. */
  sentOut(): Promise<DisconnectReason> {
    const { room } = this
    assert.ok(room)
    return within(`${this.admission?.name} to be sent out`, new Promise((resolve) => room.once(RoomEvent.Disconnected, resolve)))
  }

  async stop(): Promise<void> {
    this.#stream?.abort()
    await this.room?.disconnect().catch(() => undefined)
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for await (const piece of body) {
        rest += decoder.decode(piece, { stream: true })
        const blocks = rest.split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          const event = /^event: (.*)$/m.exec(block)?.[1]
          const data = /^data: (.*)$/m.exec(block)?.[1]
          this.lastEventId = /^id: (.*)$/m.exec(block)?.[1] ?? this.lastEventId
          if (event === undefined || data === undefined) continue
          const told = { event, data: JSON.parse(data) as Told['data'] }
          if (event === 'admission' && told.data.media !== undefined) this.media = told.data.media
          this.told.push(told)
        }
        for (const resolve of this.#heard.splice(0)) resolve()
      }
    } finally {
      this.streamEnded = true
    }
  }
}

/** Join a media room with LiveKit's headless client. Rejects when the media server refuses. */
async function connect(media: { url: string; token: string }): Promise<Room> {
  for (let attempt = 1; ; attempt++) {
    const room = headlessRoom()
    try {
      await within('the media room to open', room.connect(media.url, media.token, { autoSubscribe: true, dynacast: false }))
      return room
    } catch (error) {
      // rtc-node loses a room that opens while the process is busy; the media server has nothing to do with it.
      if (attempt === 3 || !String(error).includes('handle not found')) throw error
    }
  }
}

/** Whether the media server would let somebody in with a token, asked the way clients ask before they try. */
export async function opens(media: { url: string; token: string }): Promise<boolean> {
  const url = media.url.replace(/^ws/, 'http')
  const response = await fetch(`${url}/rtc/validate?access_token=${media.token}`)
  await response.body?.cancel()
  return response.ok
}

/**
 * Whether a token is worth nothing: refused, or, on a media server that knows no void tokens, its holder is sent out
 * again at once.
 */
export async function isDead(media: { url: string; token: string }): Promise<boolean> {
  if (!(await opens(media))) return true
  const room = headlessRoom()
  const out = new Promise((resolve) => room.once(RoomEvent.Disconnected, resolve))
  try {
    await within('the media room to open', room.connect(media.url, media.token, { autoSubscribe: true, dynacast: false }))
    await within('being sent out', out, 10_000)
    return true
  } catch {
    return !room.isConnected
  } finally {
    await room.disconnect().catch(() => undefined)
  }
}

export async function within<T>(what: string, work: Promise<T>, ms = waitMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited too long for ${what}`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Ask again and again until it is so; for what no event announces. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + waitMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
