import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { parseAddress, type Resolve, resolveTarget, type Target } from './address.ts'

interface PostRequest {
  url: string
  contentType: string
  body: string
  timeoutMs: number
  allowPrivate: boolean
  minTls: 'TLSv1.2' | 'TLSv1.3'
  signal?: AbortSignal
  resolve?: Resolve
}

interface PostAnswer {
  status: number
  contentType: string
  /** At most the first 4 KiB. */
  body: string
  retryAfter: string | undefined
}

export type Post = (request: PostRequest) => Promise<PostAnswer>

/** Nothing that counts as an answer came; the message says what happened, fit for a log. */
export class PostError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PostError'
  }
}

const keptBytes = 4_096

/**
 * POST to an address checked and pinned (address.ts). Redirects are answers, not followed. Throws AddressError, PostError.
 */
export const post: Post = async (request) => {
  const deadline = AbortSignal.timeout(request.timeoutMs)
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal])
  const { allowPrivate, resolve } = request
  const target = await within(
    resolveTarget(parseAddress(request.url), { allowPrivate, ...(resolve === undefined ? {} : { resolve }) }),
    signal,
  )
  return send(request, target, signal)
}

function send(request: PostRequest, target: Target, signal: AbortSignal): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(signal.aborted ? timedOut() : new PostError(describe(error)))
    const outgoing = open(request, target, signal)
    outgoing.on('error', fail)
    outgoing.on('response', (response) => {
      readStart(response).then(
        (body) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            body,
            retryAfter: response.headers['retry-after'],
          }),
        fail,
      )
    })
    outgoing.end(request.body)
  })
}

function open({ contentType, body, minTls }: PostRequest, { url, address, family }: Target, signal: AbortSignal): ClientRequest {
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const options = {
    method: 'POST',
    hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: `${url.pathname}${url.search}`,
    signal,
    agent: false,
    headers: { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body), 'User-Agent': 'Parley', Accept: '*/*' },
    // The name is not looked up again: the connection goes to the address that was checked.
    lookup: ((_name, settings, done) =>
      settings.all === true ? done(null, [{ address, family }]) : done(null, address, family)) as LookupFunction,
  }
  return url.protocol === 'https:' ? httpsRequest({ ...options, minVersion: minTls }) : httpRequest(options)
}

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= keptBytes) break
  }
  return Buffer.concat(chunks).subarray(0, keptBytes).toString('utf8')
}

function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(timedOut())
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function timedOut(): PostError {
  return new PostError('no answer in time')
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return (code ?? message ?? 'failed').slice(0, 200)
}
