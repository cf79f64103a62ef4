import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'

export interface Sent {
  method: string
  /** With query; sent as it is, but for what no HTTP client can send. */
  path: string
  headers: Record<string, string>
  body?: string | Buffer
}

export interface Got {
  status: number
  contentType: string
  text: string
}

/** Sends requests no ordinary client would. */
export class HttpFeeder {
  readonly #origin: URL
  readonly #agent: Agent

  constructor(origin: string, lanes: number) {
    this.#origin = new URL(origin)
    this.#agent = new Agent({ keepAlive: true, maxSockets: lanes })
  }

  /** The answer; undefined when the server closed the connection on a request it would not read to its end. */
  send({ method, path, headers, body }: Sent): Promise<Got | undefined> {
    return new Promise((resolve, reject) => {
      const sending = request(
        {
          ...{ agent: this.#agent, host: this.#origin.hostname, port: this.#origin.port, method, path: sendable(path) },
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerValue(value)])),
        },
        (response) => {
          const pieces: Buffer[] = []
          response.on('data', (piece: Buffer) => pieces.push(piece))
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              contentType: response.headers['content-type'] ?? '',
              text: Buffer.concat(pieces).toString(),
            }),
          )
        },
      )
      sending.setTimeout(20_000, () => sending.destroy(new Error('no answer in 20 s')))
      sending.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(undefined)
        else reject(error)
      })
      sending.end(body)
    })
  }

  /** Send, and hold the answer to what every answer must be: no fault of the server's, and JSON where it says so. */
  async feed(sent: Sent): Promise<Got | undefined> {
    const got = await this.send(sent)
    if (got === undefined) return undefined
    const told = () =>
      `${sent.method} ${sent.path} ${JSON.stringify(sent.headers)} ${String(sent.body).slice(0, 2_000)} → ${got.status} ${got.text.slice(0, 500)}`
    assert.ok(got.status < 500, told())
    if (got.contentType.includes('json')) assert.doesNotThrow(() => JSON.parse(got.text), told())
    return got
  }

  async isWell(): Promise<void> {
    const got = await this.send({ method: 'GET', path: '/readyz', headers: {} })
    assert.equal(got?.status, 200, `/readyz: ${got?.text}`)
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** What Node's client refuses to put on a request line is percent-encoded, or it would not leave this process. */
const sendable = (path: string) =>
  `/${path.replace(/^\/+/, '')}`
    .replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character.toWellFormed()))
    .slice(0, 14_000)

const headerValue = (value: string) => value.replace(/[^\x20-\x7e]/g, '?').slice(0, 6_000)
