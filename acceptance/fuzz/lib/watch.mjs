// Loaded into the server's processes by NODE_OPTIONS: notes each time their event loop was held up, in processor time of
// its own thread, so that a busy machine is not taken for a slow parser. Password hashing is replaced by something
// quick, so that a million inputs end.
import crypto from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { isMainThread, threadId } from 'node:worker_threads'

const folder = process.env.FUZZ_WATCH
if (folder) {
  const quick = (password, salt, length) =>
    crypto.createHash('shake256', { outputLength: length }).update(password).update(salt).digest()
  crypto.scryptSync = (password, salt, length) => quick(password, salt, length)
  crypto.scrypt = (password, salt, length, ...rest) => setImmediate(rest.at(-1), null, quick(password, salt, length))
  syncBuiltinESMExports()
  const file = join(folder, `${process.pid}-${isMainThread ? 'main' : threadId}.jsonl`)
  let before = process.threadCpuUsage()
  const look = () => {
    const now = process.threadCpuUsage()
    const busy = (now.user + now.system - before.user - before.system) / 1_000
    if (busy > 25) appendFileSync(file, `${JSON.stringify({ at: Date.now(), busy })}\n`)
    before = now
  }
  setInterval(look, 5).unref()
}
