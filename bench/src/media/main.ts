// node scripts/run.mjs bench/src/media/main.ts: what the embedded media server costs beside livekit-server, in one run on one machine.
// Arguments: `quick` for a short rehearsal that writes no report.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MediaServer, type Target } from '../../../packages/media/rig/server.ts'
import { livekitBinary, livekitVersion } from '../../../scripts/livekit.mjs'
import { firstFrames } from './first-frame.ts'
import { type Measured, measure } from './measure.ts'
import { memoryOver } from './memory.ts'
import { type Results, report } from './report.ts'

const quick = process.argv.includes('quick')
const only = process.argv.find((argument) => argument === 'embedded' || argument === 'livekit') as Target | undefined
const targets: Target[] = only ? [only] : ['embedded', 'livekit']
const receiverCounts = quick ? [1, 10] : [1, 10, 50, 100, 200]
const meetingSizes = quick ? [4] : [6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32]
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
    const seconds = quick ? 3 : receivers <= 10 ? 15 : 8
    const measured = await withServer(target, false, (server) => measure(server, { kind: 'broadcast', receivers, seconds }))
    found.set(receivers, measured)
    say(
      `${target}: ${receivers} receivers, ${measured.microsecondsPerPacket.toFixed(1)} µs a packet, ${JSON.stringify(measured)}`,
    )
  }
  return found
}

/** Grow the meeting on one core until its p95 delay passes 20 ms or packets go missing. */
async function meetings(target: Target): Promise<Map<number, Measured>> {
  const found = new Map<number, Measured>()
  for (const people of meetingSizes) {
    let measured: Measured
    try {
      measured = await withServer(target, true, (server) =>
        measure(server, { kind: 'meeting', people, seconds: quick ? 3 : 6 }, 1),
      )
    } catch (error) {
      say(`${target}: a meeting of ${people} failed: ${(error as Error).message}`)
      break
    }
    found.set(people, measured)
    say(`${target}: meeting of ${people}, p95 ${measured.p95.toFixed(1)} ms, ${JSON.stringify(measured)}`)
    if (measured.p95 >= 20 || measured.arrived < 0.97) break
  }
  return found
}

process.env.LIVEKIT_BINARY ??= targets.includes('livekit') ? livekitBinary() : ''
const results: Results = { livekitVersion, targets: {} }
for (const target of targets) {
  const rounds = quick ? 3 : 12
  results.targets[target] = {
    broadcasts: await broadcasts(target),
    meetings: await meetings(target),
    firstFrameOne: await withServer(target, false, (server) => firstFrames(server, rounds, true)),
    firstFrameTwo: await withServer(target, false, (server) => firstFrames(server, rounds, false)),
    memory: quick ? [] : await memoryOver(target, target === 'embedded' ? [500, 3000] : [500]),
  }
  say(`${target}: ${JSON.stringify(results.targets[target]?.firstFrameOne)} ${JSON.stringify(results.targets[target]?.memory)}`)
}
const text = report(results)
if (quick || only) process.stdout.write(text)
else writeFileSync(fileURLToPath(new URL('../../../docs/benchmarks-media.md', import.meta.url)), text)
process.exit(0)
