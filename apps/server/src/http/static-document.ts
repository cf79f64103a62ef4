import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A document that is the same for everybody, made once. */
export interface StaticDocument {
  plain: Buffer
  gzip: Buffer
  /** Weak: the two encodings are the same document. */
  etag: string
}

/** Encode a document for sending as often as anybody asks. */
export function staticDocument(text: string): StaticDocument {
  const plain = Buffer.from(text)
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  return { plain, gzip: gzipSync(plain, { level: 9 }), etag }
}

/** Send it, compressed for whoever takes gzip; 304 to whoever has it. */
export function sendDocument(request: FastifyRequest, reply: FastifyReply, type: string, document: StaticDocument): FastifyReply {
  reply.headers({ ETag: document.etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' })
  if (request.headers['if-none-match']?.includes(document.etag) === true) return reply.code(304).send()
  reply.header('Content-Type', type)
  const accepted = (request.headers['accept-encoding'] ?? '')
    .split(',')
    .map((each) => each.split(';', 1)[0]!.trim().toLowerCase())
  if (!accepted.includes('gzip')) return reply.send(document.plain)
  return reply.header('Content-Encoding', 'gzip').send(document.gzip)
}
