import { createHash, randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** A provider's registrar (RFC 3261 section 10.3) over UDP on a free port: challenges by digest, keeps the last contact. */
export class Registrar {
  readonly #socket: Socket
  readonly #account: { username: string; password: string }
  readonly #nonce = randomBytes(12).toString('hex')
  readonly #waiting = new Set<() => void>()
  /** What was registered: the contact's URI, empty once withdrawn. */
  contact: string | undefined
  /** Final statuses given, in order. */
  readonly answered: number[] = []
  /** How the requests that were not accepted began, for a test that waits in vain. */
  readonly refused: string[] = []

  private constructor(socket: Socket, account: { username: string; password: string }) {
    this.#socket = socket
    this.#account = account
    socket.on('message', (data, { port }) => this.#take(data.toString(), port))
  }

  static async start(account: { username: string; password: string }): Promise<Registrar> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new Registrar(socket, account)
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  /** Wait until a contact is registered, or withdrawn. */
  async until(is: 'registered' | 'withdrawn'): Promise<string> {
    const signal = AbortSignal.timeout(90_000)
    while (is === 'registered' ? !this.contact : this.contact !== '') {
      if (signal.aborted) throw new Error(`nothing was ${is}; answered ${this.answered}, refused ${this.refused.join('\n')}`)
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return this.contact!
  }

  #take(text: string, port: number): void {
    if (!text.startsWith('REGISTER ')) return
    const header = (name: string) => new RegExp(`^${name}:\\s*(.*?)\\r?$`, 'im').exec(text)?.[1] ?? ''
    const [uri = ''] = text.slice('REGISTER '.length).split(' ')
    const credentials = header('Authorization')
    const isRight = credentials !== '' && this.#check(credentials, uri)
    const contact = /<([^>]+)>/.exec(header('Contact'))?.[1] ?? ''
    const expires = Number(header('Expires'))
    if (isRight) this.contact = expires === 0 ? '' : contact
    else if (credentials !== '') this.refused.push(credentials)
    const status = isRight ? '200 OK' : credentials === '' ? '401 Unauthorized' : '403 Forbidden'
    const lines = [
      `SIP/2.0 ${status}`,
      ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(
        (name) => `${name}: ${header(name)}${name === 'To' ? ';tag=registrar' : ''}`,
      ),
      ...(isRight ? [`Contact: <${contact}>;expires=${expires}`] : []),
      ...(credentials === ''
        ? [`WWW-Authenticate: Digest realm="provider", nonce="${this.#nonce}", algorithm=MD5, qop="auth"`]
        : []),
      'Content-Length: 0',
    ]
    this.answered.push(Number(status.slice(0, 3)))
    this.#socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1')
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** RFC 2617 section 3.2.2.1. */
  #check(credentials: string, uri: string): boolean {
    const field = (name: string) => new RegExp(`\\b${name}="?([^",]+)"?`).exec(credentials)?.[1] ?? ''
    const hash = (text: string) => createHash('md5').update(text).digest('hex')
    const { username, password } = this.#account
    const [secret, request] = [hash(`${username}:provider:${password}`), hash(`REGISTER:${uri}`)]
    const parts = [secret, field('nonce'), field('nc'), field('cnonce'), 'auth', request]
    return field('username') === username && field('nonce') === this.#nonce && field('response') === hash(parts.join(':'))
  }

  close(): void {
    this.#socket.close()
  }
}
