// The load generator, a process of its own so that its processor time is apart from the server's. Driven over IPC by run.ts.
import { AccessToken } from 'livekit-server-sdk'
import { type Layer, Participant } from './participant.ts'

/** What the parent asks for. */
export type Order =
  | { kind: 'broadcast'; url: string; key: string; secret: string; room: string; receivers: number; seconds: number }
  | { kind: 'meeting'; url: string; key: string; secret: string; room: string; people: number; seconds: number }

/** What the generator tells: when to read the server's clock, and what was received in between. */
export type Report =
  | { kind: 'start' }
  | { kind: 'stop' }
  | {
      kind: 'result'
      packets: number
      expected: number
      seconds: number
      p50: number
      p95: number
      ownCpu: number
      firstPacketP50: number
    }
  | { kind: 'failed'; message: string }

const single: Layer[] = [{ width: 1280, height: 720, bitrate: 1_500_000 }]
const simulcast: Layer[] = [
  { rid: 'q', width: 320, height: 180, bitrate: 160_000 },
  { rid: 'h', width: 640, height: 360, bitrate: 450_000 },
  { rid: 'f', width: 1280, height: 720, bitrate: 1_700_000 },
]

const tell = (report: Report) => process.send?.(report)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function enter(order: Order, identity: string): Promise<Participant> {
  const access = new AccessToken(order.key, order.secret, { identity, ttl: '1h' })
  access.addGrant({ roomJoin: true, room: order.room })
  const participant = new Participant(identity, order.url, await access.toJwt())
  await participant.joined()
  return participant
}

const quantile = (sorted: number[], q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0

async function everybodyReceives(people: Participant[]): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (people.every((person) => person.received.packets > 0)) return
    await pause(100)
  }
  const without = people.filter((person) => person.received.packets === 0).length
  throw new Error(`${without} of ${people.length} participants received nothing within 20 s`)
}

async function measure(people: Participant[], seconds: number, expected: number): Promise<void> {
  await pause(1500)
  for (const person of people) person.reset()
  const own = process.cpuUsage()
  tell({ kind: 'start' })
  const begun = performance.now()
  await pause(seconds * 1000)
  tell({ kind: 'stop' })
  const took = (performance.now() - begun) / 1000
  const used = process.cpuUsage(own)
  const packets = people.reduce((sum, person) => sum + person.received.packets, 0)
  const ages = Float64Array.from(people.flatMap((person) => person.received.ages)).sort() as unknown as number[]
  const firsts = people.flatMap((person) => person.firstPacket ?? []).sort((a, b) => a - b)
  tell({
    kind: 'result',
    packets,
    expected,
    seconds: took,
    p50: quantile(ages, 0.5),
    p95: quantile(ages, 0.95),
    ownCpu: (used.user + used.system) / 1e6 / took,
    firstPacketP50: quantile(firsts, 0.5),
  })
}

async function run(order: Order): Promise<void> {
  const people: Participant[] = []
  if (order.kind === 'broadcast') {
    const speaker = await enter(order, 'speaker')
    await speaker.publish(single, false)
    for (let n = 0; n < order.receivers; n++) people.push(await enter(order, `viewer-${n}`))
    await everybodyReceives(people)
    await measure(people, order.seconds, 0)
    for (const person of [speaker, ...people]) person.leave()
  } else {
    for (let n = 0; n < order.people; n++) {
      const person = await enter(order, `person-${n}`)
      people.push(person)
      await person.publish(simulcast, true)
    }
    await everybodyReceives(people)
    // What a gallery with one large tile asks for: the next person large, everybody else small.
    for (let tries = 0; tries < 100 && people.some((person) => person.videos.size < people.length - 1); tries++) await pause(100)
    people.forEach((person, index) => {
      const large = people[(index + 1) % people.length]!.identity
      for (const [sid, identity] of person.videos) person.want(sid, identity === large ? 'high' : 'low')
    })
    await pause(3000)
    const perSecond = people.length * (people.length - 1) * (50 + 25) + people.length * (7.7 - 1) * 25
    await measure(people, order.seconds, perSecond)
    for (const person of people) person.leave()
  }
}

process.on('message', (order: Order) => {
  run(order)
    .catch((error: Error) => tell({ kind: 'failed', message: error.message }))
    .finally(async () => {
      await pause(300)
      process.exit(0)
    })
})
