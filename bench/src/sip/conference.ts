// The server under load, in a process of its own: every call hears the sum of the others of its meeting.
import type { Call } from '../../../packages/sip/src/call/call.ts'
import { createSipServer, DialIn, MediaClock } from '../../../packages/sip/src/index.ts'
import { mixMinusOne } from '../../../packages/sip/src/media/mixer.ts'

const meetingSize = Number(process.argv[2] ?? 10)
const clock = new MediaClock()
const meetings: Call[][] = []
let last: Call[] = []
const dialIn = await DialIn.open({
  door: { enter: async () => ({ outcome: 'wrong' }) },
  clock,
  languageOf: () => 'en',
  connect: () => Promise.reject(new Error('not here')),
})
const server = await createSipServer({
  listen: { address: '127.0.0.1', udp: 0 },
  trunks: [{ kind: 'address', name: 'bench', addresses: ['127.0.0.1'] }],
  maxCalls: 2_000,
  onCall(call) {
    if (call.info.dialled === '200') return dialIn.take(call)
    call.answer()
    if (last.length === 0 || last.length >= meetingSize) {
      last = []
      meetings.push(last)
    }
    last.push(call)
  },
})
clock.join(() => {
  for (const calls of meetings) {
    const voices = calls.map((call) => call.leg.pull())
    const mixes = mixMinusOne(voices)
    for (const [index, call] of calls.entries()) call.leg.send(mixes[index])
  }
})
let cpu = process.cpuUsage()
let at = performance.now()
process.on('message', () => {
  const used = process.cpuUsage(cpu)
  const elapsed = performance.now() - at
  const cores = (used.user + used.system) / 1_000 / elapsed
  process.send?.({ cores, latenessMs: clock.takeLateness(), rssMiB: process.memoryUsage().rss / 2 ** 20 })
  cpu = process.cpuUsage()
  at = performance.now()
})
process.once('disconnect', () => process.exit())
process.send?.({ port: server.port('udp') })
