// Answers every call from this machine and says back what it hears: node example/echo.ts [udp port]
import { createSipServer } from '../src/index.ts'
import { Line, MediaClock } from '../src/media/index.ts'

const clock = new MediaClock()
const port = Number(process.argv[2] ?? 5060)
const server = await createSipServer({
  listen: { address: '127.0.0.1', udp: port, tcp: port },
  trunks: [{ kind: 'address', name: 'here', addresses: ['127.0.0.1'] }],
  onCall(call) {
    const line = new Line(call, clock)
    let last: Int16Array | undefined
    line.onHeard = (pcm) => {
      last = pcm
    }
    line.background = () => last
    call.onDigit = (_, method) => console.log(`${call.info.id}: a key by ${method}`)
    call.onEnd = () => line.close()
    call.answer()
  },
})
for (const name of ['callStarted', 'callAnswered', 'callEnded', 'refused', 'malformed', 'fault'] as const) {
  server.events.on(name, (...details: unknown[]) => console.log(name, ...details))
}
console.log(`listening on 127.0.0.1:${server.port('udp')}`)
process.once('SIGINT', () => void server.close())
process.once('SIGTERM', () => void server.close())
