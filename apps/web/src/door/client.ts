import type { Answer, Ask, ChatMessage, ChatPage, ErrorBody, Media, Policy, Role } from '@parley/door-api'
import { createStreamParser } from '../lib/sse.ts'

/** What the server refused, with its stable code (docs/door-api.md); `code` is `Unreachable` when no answer came. */
export class DoorError extends Error {
  readonly code: string
  readonly status: number
  readonly target: string | null
  /** Seconds to wait, from Retry-After. */
  readonly retryAfter: number | null
  constructor(code: string, message: string, status: number, target: string | null = null, retryAfter: number | null = null) {
    super(message)
    this.name = 'DoorError'
    this.code = code
    this.status = status
    this.target = target
    this.retryAfter = retryAfter
  }
  /** No answer, or the server is starting or overloaded: worth trying again by itself. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429
  }
}

/** The server sends something every 15 s; after this long (ms) without, the stream is opened anew. */
const silence = 45_000

type Key = { id: string; secret: string }
type Options = { method?: string; body?: unknown; signal?: AbortSignal }

async function errorOf(response: Response): Promise<DoorError> {
  const retry = Number(response.headers.get('retry-after'))
  const body: unknown = await response.json().catch(() => null)
  const error: Partial<ErrorBody['error']> = (body as Partial<ErrorBody> | null)?.error ?? {}
  return new DoorError(
    error.code ?? `Http${response.status}`,
    error.message ?? response.statusText,
    response.status,
    error.target ?? null,
    Number.isFinite(retry) && retry > 0 ? retry : null,
  )
}

/** Speaks docs/door-api.md for one admission. */
export class DoorClient {
  #key: Key | null = null

  /** The admission later calls speak for; null before asking. */
  use(key: Key | null): void {
    this.#key = key
  }

  async #send(path: string, { method = 'GET', body, signal }: Options = {}): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', 'x-parley-csrf': '1' }
    if (this.#key) headers.authorization = `Admission ${this.#key.id}.${this.#key.secret}`
    if (body !== undefined && !(body instanceof FormData)) headers['content-type'] = 'application/json'
    let response: Response
    try {
      response = await fetch(path, {
        method,
        headers,
        cache: 'no-store',
        ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      })
    } catch (cause) {
      if (signal?.aborted) throw cause
      throw new DoorError('Unreachable', cause instanceof Error ? cause.message : String(cause), 0)
    }
    if (!response.ok) throw await errorOf(response)
    return response
  }

  async #json<T>(path: string, options?: Options): Promise<T> {
    return (await (await this.#send(path, options)).json()) as T
  }

  async #done(path: string, body?: unknown, method = 'POST'): Promise<void> {
    await this.#send(path, { method, ...(body === undefined ? {} : { body }) })
  }

  ask = (ask: Ask): Promise<Answer> => this.#json('/api/door/ask', { method: 'POST', body: ask })
  me = (): Promise<Answer> => this.#json('/api/door/me')
  mediaToken = (): Promise<Media> => this.#json('/api/door/media-token', { method: 'POST' })
  leave = (): Promise<void> => this.#done('/api/door/leave')
  /** The page is going, perhaps for good: the one request that is still sent then. */
  away = (): void => {
    if (!this.#key) return
    const body = JSON.stringify({ admission: `${this.#key.id}.${this.#key.secret}` })
    navigator.sendBeacon('/api/door/away', new Blob([body], { type: 'application/json' }))
  }
  rename = (name: string): Promise<void> => this.#done('/api/door/rename', { name })

  /** Read the event stream until it ends; every event is given to `each`. Throws DoorError when refused. */
  async events(each: (event: string, data: unknown) => void, opened: () => void, signal: AbortSignal): Promise<void> {
    const response = await this.#send('/api/door/events', { signal })
    if (!response.body) return
    opened()
    const parse = createStreamParser()
    const decoder = new TextDecoder()
    for await (const piece of readable(response.body, silence)) {
      for (const { event, data } of parse(decoder.decode(piece, { stream: true }))) each(event, JSON.parse(data))
    }
  }

  admit = (id: string): Promise<void> => this.#done(`/api/room/lobby/${encodeURIComponent(id)}/admit`)
  deny = (id: string): Promise<void> => this.#done(`/api/room/lobby/${encodeURIComponent(id)}/deny`)
  admitAll = (): Promise<void> => this.#done('/api/room/lobby/admit-all')
  denyAll = (): Promise<void> => this.#done('/api/room/lobby/deny-all')
  tellWaiting = (text: string, id?: string): Promise<void> =>
    this.#done('/api/room/lobby/message', id === undefined ? { text } : { text, id })

  /** One of `mute`, `stop-share`, `stop-camera`, `lower-hand` done to a person. */
  toPerson = (identity: string, what: 'mute' | 'stop-share' | 'stop-camera' | 'lower-hand'): Promise<void> =>
    this.#done(`/api/room/participants/${encodeURIComponent(identity)}/${what}`)
  /** Raise or lower one's own hand. */
  raiseHand = (raised: boolean): Promise<void> => this.#done('/api/room/hand', { raised })
  remove = (identity: string, mayReturn: boolean): Promise<void> =>
    this.#done(`/api/room/participants/${encodeURIComponent(identity)}/remove`, { mayReturn })
  setRole = (identity: string, role: Role): Promise<void> =>
    this.#done(`/api/room/participants/${encodeURIComponent(identity)}/role`, { role })
  muteAll = (allowUnmute?: boolean): Promise<void> =>
    this.#done('/api/room/mute-all', allowUnmute === undefined ? {} : { allowUnmute })
  setLocked = (locked: boolean): Promise<void> => this.#done(locked ? '/api/room/lock' : '/api/room/unlock')
  end = (): Promise<void> => this.#done('/api/room/end')
  setPolicy = (policy: Partial<Policy>): Promise<void> => this.#done('/api/room/policy', policy, 'PATCH')

  messages = (before?: string): Promise<ChatPage> =>
    this.#json(`/api/chat/messages?limit=50${before ? `&before=${encodeURIComponent(before)}` : ''}`)
  search = (text: string): Promise<ChatPage> => this.#json(`/api/chat/messages?search=${encodeURIComponent(text)}`)
  say = (text: string, replyTo?: string, mentions?: string[]): Promise<ChatMessage> =>
    this.#json('/api/chat/messages', {
      method: 'POST',
      body: { text, ...(replyTo ? { replyTo } : {}), ...(mentions?.length ? { mentions } : {}) },
    })
  edit = (id: string, text: string): Promise<void> =>
    this.#done(`/api/chat/messages/${encodeURIComponent(id)}`, { text }, 'PATCH')
  erase = (id: string): Promise<void> => this.#done(`/api/chat/messages/${encodeURIComponent(id)}`, undefined, 'DELETE')
  react = (id: string, emoji: string, on: boolean): Promise<void> =>
    this.#done(
      `/api/chat/messages/${encodeURIComponent(id)}/reactions/${encodeURIComponent(emoji)}`,
      undefined,
      on ? 'PUT' : 'DELETE',
    )
  sendFile(file: File): Promise<ChatMessage> {
    const form = new FormData()
    form.append('file', file, file.name)
    return this.#json('/api/chat/files', { method: 'POST', body: form })
  }
  /** A file of the chat as a blob; fetched here because a plain link could not carry the admission. */
  async file(url: string): Promise<Blob> {
    return (await this.#send(url)).blob()
  }
}

/** Read a body piece by piece; ends when nothing at all came for `ms` milliseconds (a dead connection tells nobody). */
async function* readable(body: ReadableStream<Uint8Array<ArrayBuffer>>, ms: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader()
  try {
    for (;;) {
      const timer = setTimeout(() => void reader.cancel().catch(() => undefined), ms)
      const { done, value } = await reader.read().finally(() => clearTimeout(timer))
      if (done) return
      yield value
    }
  } finally {
    reader.releaseLock()
  }
}
