// A dial-in with a made-up door: 1111 waits in the lobby for ten seconds and is turned away, 2222 is cancelled,
// 3333 joins the room of LIVEKIT_URL and LIVEKIT_TOKEN when those are set.  node example/door.ts [udp port]
import { createSipServer } from '../src/index.ts'
import { DialIn } from '../src/ivr/index.ts'
import { ScriptedDoor, ScriptedEntry } from './scripted-door.ts'

const { LIVEKIT_URL: url, LIVEKIT_TOKEN: token } = process.env
const door = new ScriptedDoor(
  {
    1111: (attempt) => {
      const entry = new ScriptedEntry(attempt, { announce: true }).push({ state: 'waiting', why: 'lobby' })
      setTimeout(() => entry.push({ state: 'closed', reason: 'denied' }), 10_000)
      return entry
    },
    2222: (attempt) => new ScriptedEntry(attempt).push({ state: 'closed', reason: 'cancelled' }),
    3333: (attempt) =>
      new ScriptedEntry(attempt).push(url && token ? { state: 'admitted', url, token } : { state: 'closed', reason: 'failed' }),
  },
  4,
)
const dialIn = await DialIn.open({ door, fault: (error) => console.error(error) })
const server = await createSipServer({
  listen: { address: '127.0.0.1', udp: Number(process.argv[2] ?? 5060), tcp: Number(process.argv[2] ?? 5060) },
  trunks: [{ kind: 'address', name: 'here', addresses: ['127.0.0.1'] }],
  onCall: dialIn.take,
})
for (const name of ['callStarted', 'callAnswered', 'callEnded', 'refused', 'malformed', 'fault'] as const) {
  server.events.on(name, (...details: unknown[]) => console.log(name, ...details))
}
console.log(`listening on 127.0.0.1:${server.port('udp')}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
