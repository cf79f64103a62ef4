import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Server, type StartOptions, startServer } from '../../lib/server.ts'
import { Random } from './random.ts'

/** One protocol's way to be fed. */
export interface Target {
  name: string
  /** Make the input of a number and feed it; resolves when its answer, if it has one, is there. Throws when that is wrong. */
  feed(random: Random, index: number): Promise<void>
  /** Whether the product is as well as before; throws when not. Asked now and then. */
  isWell(): Promise<void>
  /** Inputs under way at once. */
  lanes: number
}

const root = join(import.meta.dirname, '..', '..', '..')

/** Inputs to feed, and the seed; the environment of the run says other ones. */
export const settings = {
  count: Number(process.env.COUNT ?? 1_000),
  seed: Number(process.env.SEED ?? 20_261_128),
}

/** Inputs of another seed that are fed first and judge nothing but their answers. */
const warmUp = 300

/** A server whose event loops are watched: `stalls` is the longest one was held up since a time, in ms of processor time. */
export async function watchedServer(options: StartOptions = {}): Promise<{ server: Server; stalls: (since: number) => number }> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-watch-'))
  const watch = pathToFileURL(join(import.meta.dirname, 'watch.mjs')).href
  const server = await startServer({
    ...options,
    env: { NODE_OPTIONS: `--import=${watch}`, FUZZ_WATCH: folder, ...options.env },
  })
  const stalls = (since: number) => {
    const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    const seen = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as { at: number; busy: number })
    return Math.max(0, ...seen.filter(({ at }) => at >= since).map(({ busy }) => busy))
  }
  const stop = server[Symbol.asyncDispose]
  server[Symbol.asyncDispose] = async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { server, stalls }
}

/**
 * Feed a target its inputs, in order of their numbers. A long run notes how far it is and goes on from there when it is
 * started again with the same seed. Throws with the number of the input that failed, which SEED and FROM bring back.
 */
export async function campaign(target: Target): Promise<{ inputs: number; began: number }> {
  const { count, seed } = settings
  // What is loaded, compiled and made at its first use is not the input's doing.
  for (let index = 0; index < warmUp; index++) await target.feed(new Random(seed + 1, index), index)
  await target.isWell()
  const began = Date.now()
  const noted = join(root, '.cache', 'fuzz', `${target.name}.json`)
  const isLong = count >= 100_000
  let next = Number(process.env.FROM ?? (isLong ? doneBefore(noted, seed) : 0))
  const first = next
  while (next < count) {
    const end = Math.min(count, next + 1_000)
    const lane = async (): Promise<void> => {
      for (let index = next++; index < end; index = next++) {
        try {
          await target.feed(new Random(seed, index), index)
        } catch (error) {
          throw new Error(`${target.name}: input ${index} of seed ${seed} (COUNT=${index + 1} FROM=${index} SEED=${seed})`, {
            cause: error,
          })
        }
      }
    }
    await Promise.all(Array.from({ length: target.lanes }, lane))
    next = end
    await target.isWell()
    if (isLong) note(noted, { seed, done: end })
  }
  return { inputs: count - first, began }
}

function doneBefore(path: string, seed: number): number {
  if (!existsSync(path)) return 0
  const noted = JSON.parse(readFileSync(path, 'utf8')) as { seed: number; done: number }
  return noted.seed === seed && noted.done < settings.count ? noted.done : 0
}

function note(path: string, what: { seed: number; done: number }): void {
  mkdirSync(join(root, '.cache', 'fuzz'), { recursive: true })
  writeFileSync(path, JSON.stringify(what))
}
