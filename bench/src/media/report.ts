import { cpus, release, totalmem } from 'node:os'
import type { Target } from '../../../packages/media/test/harness/server.ts'
import type { Measured } from './measure.ts'
import type { MemoryPoint } from './memory.ts'

/** Everything one server showed. First-frame times are sorted milliseconds. */
export interface TargetResults {
  broadcasts: Map<number, Measured>
  meetings: Map<number, Measured>
  firstFrameOne: number[]
  firstFrameTwo: number[]
}

export interface Results {
  livekitVersion: string
  targets: Partial<Record<Target, TargetResults>>
  memory: MemoryPoint[]
}

/** Results as text and back; maps become lists of pairs. */
export const keep = (results: Results) =>
  JSON.stringify(results, (_key, value: unknown) => (value instanceof Map ? { pairs: [...value] } : value))
export const revive = (text: string) =>
  JSON.parse(text, (_key, value: { pairs?: [number, unknown][] } | null) =>
    value !== null && typeof value === 'object' && Array.isArray(value.pairs) ? new Map(value.pairs) : value,
  ) as Results

/** Delay under which a meeting counts as held, milliseconds at the 95th percentile. */
const held = 20
const rows = (head: string[], body: string[][]) =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
const fixed = (value: number | undefined, digits = 1) =>
  value === undefined || Number.isNaN(value) ? 'not measured' : value.toFixed(digits)
const median = (sorted: number[] | undefined) => sorted?.[Math.floor(sorted.length / 2)]
const megabytes = (bytes: number | undefined) => (bytes === undefined ? 'not told' : (bytes / 1e6).toFixed(1))
const ratio = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined ? '' : `${(ours / theirs).toFixed(2)}`
const union = <T>(...maps: (Map<number, T> | undefined)[]) =>
  [...new Set(maps.flatMap((map) => [...(map?.keys() ?? [])]))].sort((a, b) => a - b)

/** Whether a meeting was carried: in time, and every packet there. Far more than expected means layers nobody asked for. */
export const isHeld = ({ p95, arrived }: Measured) => p95 < held && arrived >= 0.97 && arrived <= 1.1

/**
 * The largest meeting held, in words. Only a server that used up its core has shown its limit; when a size failed with the
 * core partly idle, something else was in the way and the figure is a lower bound.
 */
function largest(meetings: Map<number, Measured> | undefined): string {
  const tried = [...(meetings ?? [])]
  const held = tried.filter(([, measured]) => isHeld(measured)).map(([people]) => people)
  if (held.length === 0) return 'none of the sizes tried'
  const failed = tried.find(([, measured]) => !isHeld(measured))?.[1]
  return failed && failed.serverCores >= 0.85 ? `${Math.max(...held)}` : `at least ${Math.max(...held)}`
}

/** The most that others used during any measurement, cores. */
const strangers = (...all: (TargetResults | undefined)[]) =>
  Math.max(
    0,
    ...all.flatMap((each) =>
      [...(each?.broadcasts.values() ?? []), ...(each?.meetings.values() ?? [])].map(({ otherCores }) => otherCores ?? 0),
    ),
  )

function costs(ours?: TargetResults, theirs?: TargetResults): string {
  const body = union(ours?.broadcasts, theirs?.broadcasts).map((receivers) => {
    const [a, b] = [ours?.broadcasts.get(receivers), theirs?.broadcasts.get(receivers)]
    return [
      String(receivers),
      fixed(a?.microsecondsPerPacket),
      fixed(b?.microsecondsPerPacket),
      ratio(a?.microsecondsPerPacket, b?.microsecondsPerPacket),
      `${fixed(a?.p95)} / ${fixed(b?.p95)}`,
      `${fixed(a?.perSecond, 0)} / ${fixed(b?.perSecond, 0)}`,
      `${fixed(a?.otherCores, 1)} / ${fixed(b?.otherCores, 1)}`,
    ]
  })
  return rows(
    [
      'receivers',
      'embedded, µs',
      'livekit-server, µs',
      'ratio',
      'p95 delay, ms (embedded / livekit)',
      'packets a second (same)',
      'cores used by others (same)',
    ],
    body,
  )
}

function meetingTable(ours?: TargetResults, theirs?: TargetResults): string {
  const cell = (measured: Measured | undefined) =>
    measured
      ? [
          fixed(measured.p95),
          `${(measured.arrived * 100).toFixed(0)} %`,
          fixed(measured.serverCores, 2),
          fixed(measured.generatorCores, 2),
          fixed(measured.otherCores, 2),
        ].join(', ')
      : 'not reached'
  const body = union(ours?.meetings, theirs?.meetings).map((people) => [
    String(people),
    cell(ours?.meetings.get(people)),
    cell(theirs?.meetings.get(people)),
  ])
  return rows(['people', 'embedded', 'livekit-server'], body)
}

function memorySection(memory: MemoryPoint[]): string {
  const [early, late] = [memory[0], memory.at(-1)]
  if (!early || !late) return 'Not measured in this run: `node scripts/run.mjs bench/src/media/main.ts memory`.'
  const growth = (key: 'resident' | 'worker' | 'heap' | 'mainHeap') =>
    early[key] !== undefined && late[key] !== undefined ? `${((late[key] / early[key] - 1) * 100).toFixed(1)} %` : 'not told'
  return `One worker, one publisher who stays, visitors who join, receive media and leave, a dozen at a time; read 3 s after the last leave, each process having collected its garbage. Resident memory moves by some per cent from one
reading to the next, as the allocator gives memory back when it likes; what is really held shows in the heaps.

${rows(
  ['joins and leaves', 'embedded: resident, MB', 'of it the worker, MB', "the worker's heap, MB", "the main process's heap, MB"],
  memory.map(({ joins, resident, worker, heap, mainHeap }) => [
    String(joins),
    ...[resident, worker, heap, mainHeap].map(megabytes),
  ]),
)}

Growth from the first row to the last: resident ${growth('resident')}, worker ${growth('worker')}, heaps ${growth('heap')} and ${growth('mainHeap')} (aim: within 10 %).`
}

/** docs/benchmarks-media.md, whole. */
export function report({ livekitVersion, targets, memory }: Results): string {
  const { embedded: ours, livekit: theirs } = targets
  const [one, oneTheirs] = [median(ours?.firstFrameOne), median(theirs?.firstFrameOne)]
  const [two, twoTheirs] = [median(ours?.firstFrameTwo), median(theirs?.firstFrameTwo)]
  return `# Media benchmarks

Written by \`node scripts/run.mjs bench/src/media/main.ts\`; do not edit. ${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores,
${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}. The embedded server and livekit-server ${livekitVersion}
(built with Go, its defaults) in one run, one after the other, the same load generator in a process of its own, everything on loopback.
Two cores are shared by the server, the generator, the kernel and, in this run, other programs that used up to
${fixed(strangers(ours, theirs), 1)} cores: processor time bears that better than delays,
but it is not immune: rows with different strangers are not a fair ratio. Compare the columns, not with other machines.

The generator speaks LiveKit's signalling in two-connection mode and real ICE, DTLS and SRTP; its media is made up (VP8 and Opus headers, a
time stamp as payload). It answers with receiver reports and REMB and leaves transport-wide feedback out, for both servers alike.
A packet counts when a receiver got it. Processor time is user and system time of the server with its threads and children.

## Processor time per forwarded packet

One publisher of one 1.5 Mbit/s video. The clock ticks 10 ms, so the first rows are good to about 10 %.

${costs(ours, theirs)}

## The largest meeting one core holds

Everybody sends 720p simulcast (160, 450 and 1700 kbit/s) and audio; everybody gets one person large, the others small, and all the audio.
The server is kept on one core, the generator on the other, and whatever else runs is on both. Held means p95 delay under ${held} ms and at least 97 % of the packets there.

**embedded: ${largest(ours?.meetings)}; livekit-server: ${largest(theirs?.meetings)}**

Each cell: p95 delay in ms, packets that arrived, cores used by the server, by the generator, by everything else (kernel
included). A size that was not held was tried three times and the best is shown. Where the server is well below 1, not it but the generator, the
kernel or a stranger set the limit: the figure is then a lower bound for that server, and no ratio is drawn from it.

${meetingTable(ours, theirs)}

## From connect to the first remote frame

Median of ${ours?.firstFrameOne.length ?? theirs?.firstFrameOne.length ?? 0} joins of a real Chromium into a room with one camera, from \`connect()\` to the first frame drawn; signalling, ICE, DTLS,
keyframe and decoding included, the publisher's encoder on the same two cores.

${rows(
  ['mode', 'embedded, ms', 'livekit-server, ms', 'ratio'],
  [
    ['one connection (livekit-client default)', fixed(one, 0), fixed(oneTheirs, 0), ratio(one, oneTheirs)],
    ['two connections', fixed(two, 0), fixed(twoTheirs, 0), ratio(two, twoTheirs)],
  ],
)}

## Memory over joins and leaves

${memorySection(memory)}
`
}
