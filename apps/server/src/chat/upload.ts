import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import { ChatError } from './chat-error.ts'
import { cleanFileName, cleanMediaType } from './text.ts'

export interface UploadedName {
  name: string
  /** What the sender calls the content; a label only. */
  type: string
}

/**
 * Take one file from a request: the first file part of `multipart/form-data`, or the whole body with its name in
 * `?name=`. `take` is given the stream and must consume it; its result is returned. Throws ChatError.
 */
export async function receiveFile<T>(
  request: IncomingMessage,
  name: string | undefined,
  take: (stream: Readable, file: UploadedName) => Promise<T>,
): Promise<T> {
  const type = request.headers['content-type']
  if (type !== undefined && /^multipart\/form-data\b/i.test(type)) return receiveForm(request, type, take)
  if (type !== undefined && /^multipart\//i.test(type)) throw new ChatError('UnsupportedMediaType')
  if (name === undefined)
    throw new ChatError('InvalidArgument', {
      target: 'name',
      message: 'Send multipart/form-data, or the bytes with the name in ?name=.',
    })
  try {
    return await take(request, { name: cleanFileName(name), type: cleanMediaType(type) })
  } finally {
    request.resume()
  }
}

async function receiveForm<T>(
  request: IncomingMessage,
  contentType: string,
  take: (stream: Readable, file: UploadedName) => Promise<T>,
): Promise<T> {
  const form = openForm(request, contentType)
  return new Promise<T>((resolve, reject) => {
    let taken: Promise<T> | undefined
    let file: Readable | undefined
    const fail = (problem: unknown) => {
      const error = problem instanceof ChatError ? problem : malformed()
      request.unpipe(form)
      request.resume()
      // Whoever reads the file waits for its end, which will not come.
      if (file?.readableEnded === false) file.destroy(error)
      reject(error)
    }
    form.on('file', (_field, stream, filename, _encoding, mime) => {
      stream.on('error', () => undefined)
      if (taken !== undefined) {
        stream.resume()
        return
      }
      file = stream
      taken = take(stream, { name: cleanFileName(filename ?? ''), type: cleanMediaType(mime) })
      taken.catch(fail)
    })
    form.on('error', fail)
    form.on('finish', () => {
      if (taken === undefined) fail(new ChatError('InvalidArgument', { target: 'file', message: 'The form holds no file.' }))
      else taken.then(resolve, reject)
    })
    request.on('error', fail)
    request.on('close', () => {
      // A sender who goes away half-way must not leave the file's stream open.
      if (!request.complete) form.destroy(new Error('the request ended early'))
    })
    request.pipe(form)
  })
}

function openForm(request: IncomingMessage, contentType: string): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': contentType },
      limits: { files: 2, fields: 10, parts: 12, fieldSize: 4096, fieldNameSize: 100, headerPairs: 20 },
    })
  } catch {
    throw malformed()
  }
}

function malformed(): ChatError {
  return new ChatError('InvalidArgument', { target: 'file', message: 'The form could not be read.' })
}
