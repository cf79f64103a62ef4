import { randomBytes } from 'node:crypto'
import { authorize } from '../auth/authorize.ts'
import { readableAddresses } from '../message/address.ts'
import { Headers } from '../message/headers.ts'
import type { OutgoingRequest, SipResponse } from '../message/message.ts'
import { newTag, type TransactionLayer } from '../transaction/layer.ts'
import type { Flow } from '../transport/flow.ts'
import { splitHost } from './resolve.ts'
import type { RegistrationTrunk } from './trunk.ts'

/** What a registration needs of its server. */
export interface RegistrationContext {
  layer: TransactionLayer
  /** A flow to the registrar, and what Contact and Via say of us over it. Rejects when it cannot be reached. */
  open(trunk: RegistrationTrunk): Promise<{ flow: Flow; local: string }>
  changed(state: 'registered' | 'failed' | 'unregistered', expires: number, code: string): void
}

const firstRetry = 30_000
const lastRetry = 30 * 60_000
/** Often enough for the NATs of homes and small offices, which forget a UDP flow after half a minute. */
const keepAliveMs = 25_000

/** Keeps one trunk registered with its provider (RFC 3261 section 10.2): refreshes early, retries with growing pauses. */
export class Registration {
  /** The user part of our Contact; only the provider learns it. */
  readonly contactUser = randomBytes(12).toString('hex')
  readonly #trunk: RegistrationTrunk
  readonly #context: RegistrationContext
  readonly #callId = randomBytes(16).toString('hex')
  readonly #tag = newTag()
  readonly #aor: string
  #sequence = 0
  #expires: number
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #flow: Flow | undefined
  #keepAlive: NodeJS.Timeout | undefined
  #closed = false
  #registered = false

  constructor(trunk: RegistrationTrunk, context: RegistrationContext) {
    this.#trunk = trunk
    this.#context = context
    this.#aor = `sip:${encodeURIComponent(trunk.username)}@${trunk.domain ?? splitHost(trunk.registrar).host}`
    this.#expires = trunk.expires ?? 600
  }

  /** Register now and keep at it. */
  start(): void {
    void this.#run()
    this.#keepAlive = setInterval(() => {
      if (this.#registered && this.#flow?.open) this.#flow.send(Buffer.from('\r\n\r\n'))
    }, keepAliveMs)
  }

  /** Withdraw the registration; resolves when the provider answered or did not. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    clearInterval(this.#keepAlive)
    if (!this.#registered) return
    this.#registered = false
    await this.#attempt(0).catch(() => {})
    this.#context.changed('unregistered', 0, 'closed')
  }

  async #run(): Promise<void> {
    try {
      const response = await this.#attempt(this.#expires)
      if (this.#closed) return
      if (response.status === 200) this.#succeed(response)
      else this.#fail(`status-${response.status}`)
    } catch (error) {
      if (!this.#closed) this.#fail(error instanceof Error && error.message ? error.message : 'unreachable')
    }
  }

  #succeed(response: SipResponse): void {
    const granted = this.#granted(response)
    this.#failures = 0
    this.#registered = true
    this.#context.changed('registered', granted, 'ok')
    // Early enough for a few tries before the provider forgets us.
    this.#again(Math.max(granted * 0.8, Math.min(granted * 0.5, 10)) * 1000)
  }

  #fail(code: string): void {
    this.#registered = false
    this.#context.changed('failed', 0, code)
    this.#again(Math.min(firstRetry * 2 ** this.#failures++, lastRetry) * (0.75 + Math.random() / 2))
  }

  #again(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#run(), milliseconds)
  }

  #granted(response: SipResponse): number {
    for (const { uri, params } of readableAddresses(response.headers, 'Contact')) {
      const expires = Number(params.get('expires'))
      if (uri.includes(this.contactUser) && expires > 0) return expires
    }
    return Number(response.headers.get('Expires')) || this.#expires
  }

  /** One registration, credentials and a longer interval included when they are asked for. */
  async #attempt(expires: number): Promise<SipResponse> {
    const { flow, local } = await this.#context.open(this.#trunk)
    this.#flow = flow
    let response = await this.#send(flow, local, expires)
    if (response.status === 423) {
      this.#expires = Math.max(this.#expires, Math.min(Number(response.headers.get('Min-Expires')) || 0, 86_400))
      response = await this.#send(flow, local, this.#expires)
    }
    if (response.status !== 401 && response.status !== 407) return response
    const [challenge, reply] =
      response.status === 401 ? ['WWW-Authenticate', 'Authorization'] : ['Proxy-Authenticate', 'Proxy-Authorization']
    const { authUsername, username, password } = this.#trunk
    const uri = this.#registrarUri()
    const value = authorize(response.headers.all(challenge), { username: authUsername ?? username, password }, 'REGISTER', uri)
    if (value === undefined) return response
    return this.#send(flow, local, expires, [reply, value])
  }

  #registrarUri(): string {
    return `sip:${this.#trunk.domain ?? splitHost(this.#trunk.registrar).host}`
  }

  #send(flow: Flow, local: string, expires: number, credentials?: [string, string]): Promise<SipResponse> {
    const transport = flow.protocol === 'udp' ? '' : `;transport=${flow.protocol}`
    const headers = Headers.of([
      ['Max-Forwards', '70'],
      ['From', `<${this.#aor}>;tag=${this.#tag}`],
      ['To', `<${this.#aor}>`],
      ['Call-ID', this.#callId],
      ['CSeq', `${++this.#sequence} REGISTER`],
      ['Contact', `<sip:${this.contactUser}@${local}${transport}>`],
      ['Expires', String(expires)],
    ])
    if (credentials) headers.add(...credentials)
    const request: OutgoingRequest = {
      kind: 'request',
      method: 'REGISTER',
      uri: this.#registrarUri(),
      headers,
      body: Buffer.alloc(0),
    }
    return new Promise((resolve, reject) => {
      const response = (answer: SipResponse) => void (answer.status >= 200 && resolve(answer))
      this.#context.layer.send(request, flow, { response, failed: (failure) => reject(new Error(failure)) }, local)
    })
  }
}
