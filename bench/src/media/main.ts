// node scripts/run.mjs bench/src/media/main.ts: what the embedded media server costs beside livekit-server, in one run on one machine.
// Arguments: `speed` or `memory` for one half, `report` to write what is kept again; `embedded` or `livekit` for one server, `quick` for a rehearsal: these two write no report.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MediaServer, type Target } from '../../../packages/media/test/harness/server.ts'
import { livekitBinary, livekitVersion } from '../../../scripts/livekit.mjs'
import { firstFrames } from './first-frame.ts'
import { type Measured, measure } from './measure.ts'
import { memoryOver } from './memory.ts'
import { isHeld, keep, type Results, report, revive, type TargetResults } from './report.ts'

const quick = process.argv.includes('quick')
const only = process.argv.find((argument) => argument === 'embedded' || argument === 'livekit') as Target | undefined
const targets: Target[] = only ? [only] : ['embedded', 'livekit']
const receiverCounts = quick ? [1, 10] : [1, 10, 50, 100, 200]
const meetingSizes = quick ? [4] : [8, 16, 20, 22, 24, 26, 28, 30]
const say = (text: string) => process.stderr.write(`${text}\n`)

/** One fresh server for each measurement, so that none inherits another's heap. */
async function withServer<T>(target: Target, held: boolean, action: (server: MediaServer) => Promise<T>): Promise<T> {
  const server = await MediaServer.start({ target, workers: 1, ...(held ? { core: 0 } : {}) })
  try {
    return await action(server)
  } finally {
    await server.close()
  }
}

async function broadcasts(target: Target): Promise<Map<number, Measured>> {
  const found = new Map<number, Measured>()
  for (const receivers of receiverCounts) {
    const seconds = quick ? 3 : receivers <= 10 ? 10 : 6
    const measured = await withServer(target, false, (server) => measure(server, { kind: 'broadcast', receivers, seconds }))
    found.set(receivers, measured)
    say(
      `${target}: ${receivers} receivers, ${measured.microsecondsPerPacket.toFixed(1)} µs a packet, ${JSON.stringify(measured)}`,
    )
  }
  return found
}

/**
 * Grow the meeting on one core until it is not held. A size that fails is tried three times, for either server: the
 * machine is shared, and a stranger on the held core looks like a slow server.
 */
async function meetings(target: Target): Promise<Map<number, Measured>> {
  const found = new Map<number, Measured>()
  for (const people of meetingSizes) {
    let best: Measured | undefined
    for (let attempt = 0; attempt < 3 && !(best && isHeld(best)); attempt++) {
      try {
        const plan = { kind: 'meeting', people, seconds: quick ? 3 : 5 } as const
        const measured = await withServer(target, true, (server) => measure(server, plan, 1))
        say(`${target}: meeting of ${people}, p95 ${measured.p95.toFixed(1)} ms, ${JSON.stringify(measured)}`)
        if (!best || measured.p95 < best.p95) best = measured
      } catch (error) {
        say(`${target}: a meeting of ${people} failed: ${(error as Error).message}`)
      }
    }
    if (best) found.set(people, best)
    if (!best || !isHeld(best)) break
  }
  return found
}

async function speed(target: Target): Promise<TargetResults> {
  const rounds = quick ? 3 : 12
  return {
    broadcasts: await broadcasts(target),
    meetings: await meetings(target),
    firstFrameOne: await withServer(target, false, (server) => firstFrames(server, rounds, true)),
    firstFrameTwo: await withServer(target, false, (server) => firstFrames(server, rounds, false)),
  }
}

// Leaving by process.exit() is what takes the servers along.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1))

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const kept = file('.cache/bench-media.json')
// The two parts are run apart, as memory takes long and disturbs nobody; each keeps what the other found.
const results: Results = existsSync(kept) ? revive(readFileSync(kept, 'utf8')) : { livekitVersion, targets: {}, memory: [] }
const rewrite = process.argv.includes('report')
if (!process.argv.includes('memory') && !rewrite) {
  process.env.LIVEKIT_BINARY ??= targets.includes('livekit') ? livekitBinary() : ''
  results.livekitVersion = livekitVersion
  for (const target of targets) {
    results.targets[target] = await speed(target)
    const { firstFrameOne, firstFrameTwo } = results.targets[target]!
    say(`${target}: first frame, one connection ${firstFrameOne}; two ${firstFrameTwo}`)
  }
}
if (!process.argv.includes('speed') && !quick && !rewrite) {
  results.memory = await memoryOver('embedded', [500, 1000, 2000, 3000])
  say(JSON.stringify(results.memory))
}
if (quick || only) process.stdout.write(report(results))
else {
  mkdirSync(dirname(kept), { recursive: true })
  writeFileSync(kept, keep(results))
  writeFileSync(file('docs/benchmarks-media.md'), report(results))
}
process.exit(0)
