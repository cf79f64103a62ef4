import assert from 'node:assert/strict'
import { constants, createDecipheriv, createHmac, privateDecrypt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KeyAndCertificate, makeCertificate } from '../lib/certificate.ts'

/** One item of a notification's `value`. */
export interface Item {
  id: string
  subscriptionId: string
  subscriptionExpirationDateTime: string
  clientState: string | null
  tenantId: string
  changeType: string
  lifecycleEvent: string
  resource: string
  resourceData: Record<string, unknown>
  encryptedContent: Record<
    'data' | 'dataKey' | 'dataSignature' | 'encryptionCertificateId' | 'encryptionCertificateThumbprint',
    string
  >
}

export interface Received {
  path: string
  headers: Record<string, string | string[] | undefined>
  body: { value: Item[]; validationTokens?: string[] }
}

/** How the receiver answers. */
export interface Answers {
  /** To the handshake; the token decoded when absent. */
  handshake?: (token: string) => { status?: number; type?: string; body?: string } | 'silence'
  /** To notifications; 202 when absent. */
  notification?: (received: Received) => number | 'silence'
}

/** A receiver of notifications: a real https server on loopback with its own certificate. */
export class Receiver {
  readonly url: string
  readonly caFile: string
  readonly encryption: KeyAndCertificate
  readonly received: Received[] = []
  readonly handshakes: { path: string; contentType: string | undefined; length: string | undefined; token: string }[] = []
  answers: Answers = {}
  readonly #server: Server
  readonly #folder: string
  readonly #waiters = new Set<() => void>()

  private constructor(server: Server, folder: string, encryption: KeyAndCertificate) {
    this.#server = server
    this.#folder = folder
    this.encryption = encryption
    this.caFile = join(folder, 'receiver.pem')
    this.url = `https://localhost:${(server.address() as AddressInfo).port}`
  }

  static async start(): Promise<Receiver> {
    const { key, certificate } = await makeCertificate()
    const folder = mkdtempSync(join(tmpdir(), 'receiver-'))
    writeFileSync(join(folder, 'receiver.pem'), certificate)
    const server = createServer({ key, cert: certificate }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const receiver = new Receiver(server, folder, await makeCertificate())
    server.on('request', (request, response) => {
      let text = ''
      request.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      request.on('end', () => {
        const url = new URL(request.url ?? '/', receiver.url)
        const token = url.searchParams.get('validationToken')
        if (token !== null) {
          const { 'content-type': contentType, 'content-length': length } = request.headers
          receiver.handshakes.push({ path: url.pathname + url.search, contentType, length, token })
          const answer = receiver.answers.handshake?.(token) ?? {}
          if (answer === 'silence') return
          response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'text/plain' }).end(answer.body ?? token)
          return
        }
        const received = { path: url.pathname, headers: request.headers, body: JSON.parse(text) as Received['body'] }
        const status = receiver.answers.notification?.(received) ?? 202
        receiver.received.push(received)
        for (const wake of receiver.#waiters) wake()
        receiver.#waiters.clear()
        if (status !== 'silence') response.writeHead(status).end()
      })
    })
    return receiver
  }

  /** All notifications so far, one by one, once there are so many of them. */
  async notifications(count: number, path = '/hook'): Promise<Item[]> {
    return this.until(() => {
      const found = this.received.filter((each) => each.path === path).flatMap(({ body }) => body.value)
      return found.length >= count ? found : undefined
    })
  }

  /** What a look finds, as soon as it finds something. */
  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        this.#waiters.add(resolve)
      })
    }
  }

  /** Open encrypted content as Graph's documentation says, its signature checked. */
  decrypt(content: Item['encryptedContent']): Record<string, unknown> {
    const key = privateDecrypt(
      { key: this.encryption.key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      Buffer.from(content.dataKey, 'base64'),
    )
    const data = Buffer.from(content.data, 'base64')
    assert.equal(createHmac('sha256', key).update(data).digest('base64'), content.dataSignature)
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16))
    return JSON.parse(Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8')) as Record<string, unknown>
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
