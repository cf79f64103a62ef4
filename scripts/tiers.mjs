// What each suite file says of itself in its first lines: when it is run, how long it takes, and what it needs.
//   // tier: quick, 5 s
//   // tier: full, 40 s, alone, ROUNDS=20
// A line is a run of the file; `alone` keeps the machine's other lane empty, `shared` gives
// it the server that others use too, NAME=value is put into the environment.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { globSync } from './glob.mjs'

/** The tiers and the seconds their suites may take together on two cores; the release's are nobody's to wait for. */
export const limits = { quick: 330, full: 2_400, release: Number.POSITIVE_INFINITY }
export const commands = { quick: 'npm test', full: 'npm run test:full', release: 'npm run test:release' }

/** The runs a file asks for. Throws when it says nothing, or what nobody can read. */
export function runsIn(file, text) {
  const runs = []
  for (const line of text.split('\n')) {
    if (!line.startsWith('//')) break
    if (/^\/\/\s*tier\b/.test(line)) runs.push({ file, ...read(file, line) })
  }
  if (runs.length === 0) throw new Error(`${file} does not say when it is run: its first line must be like "// tier: full, 40 s"`)
  return runs
}

function read(file, line) {
  const [, tier, seconds, rest] = /^\/\/ tier: (quick|full|release), (\d+) s((?:, [\w=.:-]+)*)$/.exec(line) ?? []
  if (tier === undefined) throw new Error(`${file}: "${line}" is not like "// tier: full, 40 s, alone, NAME=value"`)
  const needs = rest.split(', ').filter((need) => need !== '')
  const env = Object.fromEntries(needs.filter((need) => need.includes('=')).map((need) => need.split('=')))
  const words = needs.filter((need) => !need.includes('='))
  if (words.some((word) => word !== 'alone' && word !== 'shared'))
    throw new Error(`${file}: "${line}" asks for something that is not known`)
  return { tier, seconds: Number(seconds), alone: words.includes('alone'), shared: words.includes('shared'), env }
}

/** Every run of every suite file of the checkout. */
export function allRuns(root) {
  const files = [...globSync(root, ['acceptance'], /\.test\.ts$/), ...globSync(root, ['packages'], /\.suite\.ts$/)]
  return files.flatMap((file) => runsIn(file, readFileSync(join(root, file), 'utf8')))
}

/** How a run is called in reports. */
export function nameOf({ file, env }) {
  const given = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return given.length === 0 ? file : `${file} (${given.join(', ')})`
}

/** The seconds that runs take when those that may have a neighbour share two lanes. */
export function secondsOf(runs) {
  const sum = (some) => some.reduce((total, { seconds }) => total + seconds, 0)
  return sum(runs.filter(({ alone }) => alone)) + Math.ceil(sum(runs.filter(({ alone }) => !alone)) / 2)
}

/** The area of a file: its first two folders. */
export const areaOf = ({ file }) => file.split('/').slice(0, 2).join('/')

/** The budget written in a text: area to seconds of each tier, from the rows `| acceptance/api | 60 | 90 | – |`. */
export function budgetIn(text) {
  const budget = new Map()
  const row = /^\| ((?:acceptance|packages)\/[\w-]+) \| (\d+|–) \| (\d+|–) \| (\d+|–) \|$/gm
  const seconds = (cell) => (cell === '–' ? 0 : Number(cell))
  for (const [, area, quick, full, release] of text.matchAll(row))
    budget.set(area, { quick: seconds(quick), full: seconds(full), release: seconds(release) })
  return budget
}

/** What is wrong between what the files say and the budget, one line each. */
export function overspent(runs, budget) {
  const faults = []
  for (const area of new Set(runs.map(areaOf))) {
    const allowed = budget.get(area)
    if (allowed === undefined) {
      faults.push(`${area} has no row in the budget of CONTRIBUTING.md`)
      continue
    }
    for (const tier of Object.keys(limits)) {
      const spent = runs.filter((run) => areaOf(run) === area && run.tier === tier).reduce((sum, { seconds }) => sum + seconds, 0)
      if (spent > allowed[tier]) faults.push(`${area} takes ${spent} s of ${commands[tier]}, and may take ${allowed[tier]}`)
    }
  }
  for (const [tier, limit] of Object.entries(limits)) {
    const spent = secondsOf(runs.filter((run) => run.tier === tier))
    if (spent > limit) faults.push(`${commands[tier]} takes ${spent} s, and may take ${limit}`)
  }
  return faults
}
