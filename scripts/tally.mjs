// A reporter of node:test, loaded into each suite's process: writes what became of every test, one JSON object a line, and
// ends a process that stays although its tests are over, saying what keeps it.
const graceMs = 15_000
const open = []
let over

/** What keeps this process running, as far as Node knows. */
function leftRunning() {
  const resources = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap')
  return resources.length === 0 ? 'nothing that Node knows (a native module?)' : resources.join(', ')
}

function giveUp(why) {
  console.error(`${why}: ${leftRunning()}`)
  process.exit(1)
}

process.on('SIGUSR2', () => giveUp(`still running after the time it may take, in ${open.join(' > ') || 'no test'}`))

/** Node tells that all is over only when nothing keeps the process; so tests that wait or run are counted. */
function count(type, { name }) {
  if (type === 'test:enqueue') open.push(name)
  else if (type === 'test:complete') open.splice(open.lastIndexOf(name), 1)
  else return
  clearTimeout(over)
  // What is closed after the last test has this time.
  if (open.length === 0) over = setTimeout(() => giveUp('the tests are over, but the process stays'), graceMs).unref()
}

export default async function* tally(source) {
  const file = ({ file: path }) => path?.replace(`${process.cwd()}/`, '')
  for await (const { type, data } of source) {
    if (process.env.TEST_RUN_ID !== undefined) count(type, data)
    if (type === 'test:pass' && data.skip !== undefined)
      yield `${JSON.stringify({ skipped: data.name, why: data.skip, file: file(data) })}\n`
    if (type === 'test:fail' && data.details.error?.failureType !== 'subtestsFailed') {
      const error = data.details.error?.cause ?? data.details.error
      yield `${JSON.stringify({ failed: data.name, why: String(error?.message ?? error), file: file(data) })}\n`
    }
    if (type === 'test:summary') yield `${JSON.stringify({ counts: data.counts, file: file(data) })}\n`
  }
}
