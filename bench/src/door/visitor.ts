/** Somebody at the door of the server under load: asks, listens, and goes into the media room. */
export class DoorVisitor {
  readonly #url: string
  readonly #cookie: string
  #authorization = ''
  identity = ''
  media: { url: string; token: string } | undefined
  /** How to come in by telephone, where the server answers it. */
  dialin: { passcode: string; sip: string } | undefined
  /** Events and bytes the stream brought, by name. */
  readonly events = new Map<string, number>()
  bytes = 0
  #admitted!: () => void
  /** Resolves when the stream says that this person is in, with a token. */
  readonly admitted = new Promise<void>((resolve) => {
    this.#admitted = resolve
  })
  #stream = new AbortController()

  constructor(url: string, cookie = '') {
    this.#url = url
    this.#cookie = cookie
  }

  async ask(threadId: string, name: string): Promise<string> {
    const body = { link: { threadId, messageId: '0' }, name }
    const { status, json } = await this.#post('/api/door/ask', body)
    if (status !== 201) throw new Error(`asking was answered ${status}: ${JSON.stringify(json)}`)
    const { admission, media, meeting } = json as {
      admission: { id: string; secret: string; state: string; identity: string }
      media?: { url: string; token: string }
      meeting?: { dialin?: { passcode: string; sip: string } | null }
    }
    this.dialin = meeting?.dialin ?? undefined
    this.#authorization = `Admission ${admission.id}.${admission.secret}`
    this.identity = admission.identity
    this.media = media
    return admission.state
  }

  async post(path: string, body: unknown = {}): Promise<void> {
    const { status, json } = await this.#post(path, body)
    if (status >= 300) throw new Error(`${path} was answered ${status}: ${JSON.stringify(json)}`)
  }

  /** Open the event stream; resolves with its first piece. */
  async listen(): Promise<void> {
    const response = await fetch(`${this.#url}/api/door/events`, {
      headers: { authorization: this.#authorization },
      signal: this.#stream.signal,
    })
    if (!response.ok) throw new Error(`the stream was answered ${response.status}`)
    await new Promise<void>((resolve, reject) => {
      this.#read(response.body!, resolve).catch(reject)
    })
  }

  stop(): void {
    this.#stream.abort()
  }

  async #read(body: ReadableStream<Uint8Array>, opened: () => void): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for await (const piece of body) {
        opened()
        this.bytes += piece.length
        rest += decoder.decode(piece, { stream: true })
        const blocks = rest.split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) this.#take(block)
      }
    } catch (error) {
      if (!this.#stream.signal.aborted) throw error
    }
  }

  #take(block: string): void {
    const event = /^event: (.*)$/m.exec(block)?.[1]
    if (event === undefined) return
    this.events.set(event, (this.events.get(event) ?? 0) + 1)
    if (event !== 'admission') return
    const data = JSON.parse(block.slice(block.indexOf('data: ') + 6)) as { state: string; media?: { url: string; token: string } }
    if (data.media === undefined) return
    this.media = data.media
    this.#admitted()
  }

  async #post(path: string, body: unknown) {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-parley-csrf': '1',
        ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
        ...(this.#authorization === '' ? {} : { authorization: this.#authorization }),
      },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, json: text.startsWith('{') ? (JSON.parse(text) as unknown) : null }
  }
}
