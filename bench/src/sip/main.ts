// npm run bench -- sip: telephone legs one core carries, mouth to ear, and how soon a caller hears the greeting.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { measureBridge } from './bridge.ts'
import { Caller } from './caller.ts'

const quick = process.argv.includes('quick')
const seconds = quick ? 4 : 10

interface Report {
  cores: number
  latenessMs: number
  rssMiB: number
}

const percentile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN

async function conference(meetingSize: number) {
  const child = fork(join(import.meta.dirname, 'conference.ts'), [String(meetingSize)])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const report = async () => {
    child.send('report')
    return ((await once(child, 'message')) as [Report])[0]
  }
  return { port, report, stop: () => child.kill() }
}

/** Legs in meetings of a size: server CPU, worst beat, and mouth to ear between the first two callers of each meeting. */
async function legs(count: number, meetingSize: number): Promise<string> {
  const server = await conference(meetingSize)
  const callers: Caller[] = []
  for (let index = 0; index < count; index++) callers.push(await Caller.call(server.port, index))
  const delays: number[] = []
  let beats = 0
  let due = performance.now()
  let sentAt = 0
  callers.forEach((caller, index) => {
    if (index % meetingSize !== 1 % meetingSize) return
    caller.onSound = (at) => {
      // The first packet with sound after each mark.
      if (sentAt > 0 && at - sentAt < 900 && !heard.has(index)) {
        heard.add(index)
        delays.push(at - sentAt)
      }
    }
  })
  const heard = new Set<number>()
  const timer = setInterval(() => {
    for (; due < performance.now(); due += 20) {
      beats++
      if (beats % 50 === 0) {
        heard.clear()
        sentAt = performance.now()
        for (let index = 0; index < count; index += meetingSize) callers[index]!.mark()
      }
      for (const caller of callers) caller.beat()
    }
  }, 5)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  await server.report()
  delays.length = 0
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  const { cores, latenessMs, rssMiB } = await server.report()
  clearInterval(timer)
  for (const caller of callers) caller.close()
  server.stop()
  const [p50, p95] = [percentile(delays, 0.5), percentile(delays, 0.95)].map((value) => (value + 20).toFixed(0))
  return `${count} legs, ${meetingSize} a meeting: ${(cores * 100).toFixed(0)} % of a core, ${(count / cores).toFixed(0)} legs a core; mouth to ear p50 ${p50} ms, p95 ${p95} ms (${delays.length} marks); latest beat ${latenessMs.toFixed(0)} ms; ${rssMiB.toFixed(0)} MiB`
}

async function greeting(count: number): Promise<string> {
  const server = await conference(10)
  const answered: number[] = []
  const sound: number[] = []
  for (let index = 0; index < count; index++) {
    const caller = await Caller.call(server.port, index, '200')
    const signal = AbortSignal.timeout(3_000)
    while (caller.firstSoundMs === 0 && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5))
    answered.push(caller.answeredMs)
    sound.push(caller.firstSoundMs)
    caller.close()
  }
  server.stop()
  const text = (values: number[]) => `p50 ${percentile(values, 0.5).toFixed(1)} ms, p95 ${percentile(values, 0.95).toFixed(1)} ms`
  return `INVITE to 200: ${text(answered)}; INVITE to the first word of the greeting (after 250 ms of silence on purpose): ${text(sound)}`
}

console.log(await greeting(quick ? 10 : 30))
for (const [count, size] of quick
  ? ([[100, 10]] as const)
  : ([
      [50, 10],
      [100, 10],
      [200, 10],
      [100, 100],
    ] as const)) {
  console.log(await legs(count, size))
}
for (const count of quick ? [5] : [5, 10, 20]) console.log(await measureBridge(count, seconds))
process.exit(0)
