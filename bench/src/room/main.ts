// npm run bench -- room [quick]: from the click on "Join now" to the first remote frame, and the bytes of the first load.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../../acceptance/lib/server.ts'
import { openBrowser } from '../../../acceptance/room/lib/browser.ts'
import { newMeeting } from '../../../acceptance/room/lib/meeting.ts'
import { MediaServer } from '../../../packages/media/test/harness/server.ts'
import { haveGo, livekitBinary, livekitVersion } from '../../../scripts/livekit.mjs'
import { median, root } from '../lib/process.ts'
import { firstLoad, livekitExample } from './first-load.ts'
import { joinTimes } from './join-time.ts'

const quick = process.argv.includes('quick')
const [blocks, rounds] = quick ? [1, 3] : [3, 6]
const say = (line: string) => process.stderr.write(`${line}\n`)
const kilo = (bytes: number) => `${Math.round(bytes / 1000)} kB`
const milli = (ms: number) => `${Math.round(ms)} ms`

process.env.LIVEKIT_BINARY ??= haveGo() ? livekitBinary() : ''
const livekit = process.env.LIVEKIT_BINARY ? await MediaServer.start({ target: 'livekit' }) : undefined
const ours = await startServer()
const theirs =
  livekit &&
  (await startServer({
    env: { PARLEY_MEDIA_URL: livekit.url, PARLEY_MEDIA_KEY: livekit.keys.key, PARLEY_MEDIA_SECRET: livekit.keys.secret },
  }))
const browser = await openBrowser()
const example = await livekitExample()
const times = { ours: [] as number[], theirs: [] as number[] }
try {
  // In turns, so that whatever else the machine does meets both.
  for (let block = 0; block < blocks; block += 1) {
    times.ours.push(...(await joinTimes(ours, browser, rounds)))
    if (theirs) times.theirs.push(...(await joinTimes(theirs, browser, rounds)))
    say(`after block ${block + 1}: ours ${times.ours.map(Math.round)}; livekit-server ${times.theirs.map(Math.round)}`)
  }
  const { link } = await newMeeting(ours)
  const page = await firstLoad(browser, link, 'Join now')
  const other = await firstLoad(browser, example.url, 'Join Room')
  say(`first load: ours ${JSON.stringify(page)}, example ${JSON.stringify(other)}`)
  const p90 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.9) - 1] ?? Number.NaN
  const cells = (label: string, of: (values: number[]) => number) =>
    `| ${label} | ${milli(of(times.ours))} | ${theirs ? milli(of(times.theirs)) : 'not measured'} |`
  const text = `# The room

Written by \`npm run bench -- room\` on ${cpus().length} cores (${cpus()[0]?.model.trim()}), browsers, servers and pages all on that machine.

## From the click on "Join now" to the first frame of somebody else
Chromium with a fake camera, the running product, ${times.ours.length} joins each, in turns of ${rounds} in one run; the same pages on
the embedded media server and on livekit-server ${livekitVersion} (\`PARLEY_MEDIA_URL\`). The joining page has been open for two seconds.

| | embedded | livekit-server |
| --- | --- | --- |
${cells('p50', median)}
${cells('p90', p90)}

## First load of the join page
With an empty cache, over the wire, as Chromium's network log counts it. The comparison is the smallest page with LiveKit's published
components (\`PreJoin\`, then \`VideoConference\`), built and compressed alike; their example application itself is not on npm.

| | Parley | LiveKit's components |
| --- | --- | --- |
| until "Join now" can be clicked | ${kilo(page.usable)} | ${kilo(other.usable)} |
| with what is fetched ahead for the call | ${kilo(page.settled)} | ${kilo(other.settled)} |
`
  if (quick) process.stdout.write(text)
  else writeFileSync(join(root, 'docs/benchmarks-room.md'), text)
} finally {
  example.close()
  await browser.close()
  await Promise.all([ours, theirs].map((server) => server?.[Symbol.asyncDispose]()))
  await livekit?.close()
}
process.exit(0)
