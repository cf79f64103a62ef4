// npm run bench -- sip: telephone legs one core carries through the whole of Parley, mouth to ear, greeting, and a flood.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/process.ts'
import { percentile } from './beat.ts'
import { measureFlood } from './flood.ts'
import { measureGreeting } from './greeting.ts'
import { House } from './house.ts'
import { type LegsResult, measureLegs, spread } from './legs.ts'

const quick = process.argv.includes('quick')
const seconds = quick ? 4 : 12
const plans: [legs: number, size: number][] = quick
  ? [[20, 10]]
  : [
      [100, 10],
      [190, 10],
      [100, 100],
      [190, 190],
    ]
const floodPerSecond = 20_000

const house = await House.open()
const greeting = await measureGreeting(house, quick ? 5 : 20)
console.error(`greeting: ${spread(greeting.greeted)} ms, inside: ${spread(greeting.inside)} ms`)
const flood = await measureFlood(house, floodPerSecond, quick ? 4 : 12)
console.error(`flood: largest gap ${flood.floodGapMs.toFixed(0)} ms`)
const legs: LegsResult[] = []
for (const [count, size] of plans) {
  const result = await measureLegs(house, count, size, seconds)
  legs.push(result)
  console.error(
    `${count} legs, ${size} a meeting: ${(result.server * 100).toFixed(0)} % of a core, ${worst(result).toFixed(0)} ms`,
  )
}
await house.stop()

/** The p95 of the slowest way. */
function worst({ delays }: LegsResult): number {
  return Math.max(...Object.values(delays).map((values) => percentile(values, 0.95)))
}

const share = (part: number) => `${(part * 100).toFixed(0)} %`
const rows = legs.map((each) => [
  `${each.legs} in ${each.meetings} meeting${each.meetings === 1 ? '' : 's'}`,
  share(each.server),
  (each.legs / each.server).toFixed(0),
  share(each.media),
  (each.legs / (each.server + each.media)).toFixed(0),
  ...Object.values(each.delays).map(spread),
  `${each.memoryMiB.toFixed(0)} MiB`,
  `${each.callersLateMs.toFixed(0)} ms`,
])
const table = (cells: string[][]) => cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
const text = `# The dial-in under load

Written by \`npm run bench -- sip\` on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.version}.

Parley itself runs, with its embedded media server; telephones call it by SIP over UDP on loopback, type a meeting's passcode
and are in its media room, each a participant of its own. In every meeting one telephone and one wide-band participant speak
all the time; the other telephones send the noise of a line. Callers and participants are in another process, which is not
counted and shares the cores. ${seconds} s are measured after 12 s of warming up.

## Legs

"Server" is the process that answers calls (SIP, telephone media, bridge, and the whole of Parley's HTTP side), by its processor
time in /proc with all threads; "media" is the media server's workers, which browsers use too. Mouth to ear is p50 / p95 in
milliseconds: from the start of the 20 ms a marked packet holds until it comes out of the other end, without the playout
buffer of a telephone. Telephones of one process hear each other directly; both ways between telephones and the participant go
through the media server, and hold its jitter buffer. Where the callers of this bench were late themselves, by at most so
much, what they say is heard late as well.

| legs | server, of a core | legs a core | media, of a core | legs a core, both counted | telephone to telephone | telephone to participant | participant to telephone | memory of the server | callers late by |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${table(rows)}

The aim is 100 legs a core with a p95 below 150 ms.

## Coming in

One call after another, nothing else going on; p50 / p95 in milliseconds, ${greeting.answered.length} calls.

| | |
| --- | --- |
${table([
  ['INVITE to 200', spread(greeting.answered)],
  ['INVITE to the first word of the greeting, of which 250 ms are silence on purpose', spread(greeting.greeted)],
  ['last key to the first word of "you are in"', spread(greeting.inside)],
  ['last key until another participant knows of the telephone', spread(greeting.seen)],
])}

## Flood

${flood.perSecond.toFixed(0)} packets a second for ${flood.seconds.toFixed(0)} s from an address no trunk has: half of them at the SIP port (a quarter random, a quarter an INVITE, the
rest the INVITE with bytes changed), half at the media ports of a live call (half RTP, half random). One telephone of the call
speaks all the time; the gap is the longest time in which the other heard nothing of it.

| | |
| --- | --- |
${table([
  ['largest gap before the flood', `${flood.calmGapMs.toFixed(0)} ms`],
  ['largest gap in the flood', `${flood.floodGapMs.toFixed(0)} ms`],
  ['of that, how late the callers of this bench were themselves at most', `${flood.callersLateMs.toFixed(0)} ms`],
  [
    'the process that answers calls: before the flood, and in it',
    `${share(flood.calmServer)} and ${share(flood.floodServer)} of a core`,
  ],
  ['packets of the voice heard in the flood, of those said', `${flood.heard} of ${flood.expected}`],
])}
`
process.stdout.write(text)
if (!quick) writeFileSync(join(root, 'docs/benchmarks-sip.md'), text)
process.exit()
