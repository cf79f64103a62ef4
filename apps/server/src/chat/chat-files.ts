import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ChatError } from './chat-error.ts'

const idForm = /^[0-9a-f]{32}$/
const folderForm = /^[0-9a-f-]{36}$/
/** A part older than this belongs to an upload that died. */
const staleMs = 3_600_000

export interface WrittenFile {
  id: string
  size: number
  sha256: string
}

/** The chat's files on disk: a folder for each meeting, random names, nothing of the sender's in a path. */
export class ChatFiles {
  readonly limit: number
  readonly #root: string

  /** `limit` is in bytes; 0 takes no files. */
  constructor(root: string, limit: number) {
    this.#root = root
    this.limit = limit
  }

  /** Write a stream of at most `limit` bytes, on disk before it returns. Throws ChatError TooLarge, InvalidArgument when empty. */
  async write(meetingId: string, source: Readable): Promise<WrittenFile> {
    const folder = this.#folder(meetingId)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const id = randomBytes(16).toString('hex')
    const part = join(folder, `${id}.part`)
    const hash = createHash('sha256')
    let size = 0
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        size += chunk.length
        if (size > this.limit) return done(tooLarge(this.limit))
        hash.update(chunk)
        done(null, chunk)
      },
    })
    try {
      // The source is a request: destroying it would take the answer away with it.
      const chunks = source.iterator({ destroyOnReturn: false })
      await pipeline(chunks, count, createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }))
      if (size === 0) throw new ChatError('InvalidArgument', { target: 'file', message: 'The file is empty.' })
      await rename(part, join(folder, id))
      await syncFolder(folder)
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
    return { id, size, sha256: hash.digest('hex') }
  }

  /** Open a file for reading; undefined when it is not there. */
  async read(meetingId: string, id: string): Promise<ReadStream | undefined> {
    if (!idForm.test(id)) return undefined
    const path = join(this.#folder(meetingId), id)
    const found = await stat(path).catch(() => undefined)
    return found?.isFile() === true ? createReadStream(path) : undefined
  }

  async remove(meetingId: string, id: string): Promise<void> {
    if (idForm.test(id)) await rm(join(this.#folder(meetingId), id), { force: true })
  }

  async removeMeeting(meetingId: string): Promise<void> {
    await rm(this.#folder(meetingId), { recursive: true, force: true })
  }

  /**
   * Take away what no message owns: folders of meetings that are gone, uploads that died half-way, files whose message
   * was never stored. Returns how many entries went.
   */
  async sweep(owned: (meetingId: string) => Promise<ReadonlySet<string> | undefined>, now: number): Promise<number> {
    let removed = 0
    for (const meetingId of await readdir(this.#root).catch(() => [] as string[])) {
      if (!folderForm.test(meetingId)) continue
      const files = await owned(meetingId)
      const folder = this.#folder(meetingId)
      for (const name of await readdir(folder)) {
        if (files?.has(name)) continue
        const { mtimeMs } = await stat(join(folder, name))
        if (files !== undefined && now - mtimeMs < staleMs) continue
        await rm(join(folder, name), { force: true })
        removed += 1
      }
      if (files === undefined) await this.removeMeeting(meetingId)
    }
    return removed
  }

  #folder(meetingId: string): string {
    if (!folderForm.test(meetingId)) throw new Error('not the id of a meeting')
    return join(this.#root, meetingId)
  }
}

function tooLarge(limit: number): ChatError {
  return new ChatError('TooLarge', { target: 'file', message: `A file may have at most ${limit} bytes.` })
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
