// npm run test:explore -- [minutes] [parts of paths]: the property tests with random seeds, until the time is over (ten
// minutes by default). Prints a line to paste for everything it finds.
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'
import { runUnits, unitFiles } from './unit.mjs'

const [minutes = 10, ...parts] = process.argv.slice(2)
const end = Date.now() + Number(minutes) * 60_000
if (Number.isNaN(end)) throw new Error('usage: npm run test:explore -- [minutes] [parts of paths]')
const node = setup({ web: false })
const files = unitFiles(parts).filter((file) => readFileSync(join(root, file), 'utf8').includes("from 'fast-check'"))
let [rounds, found] = [0, 0]
do {
  const seed = randomInt(2 ** 31)
  const { failures } = runUnits(node, files, { seed })
  rounds += 1
  for (const { file, failed, why } of failures) {
    found += 1
    console.log(`\n${why}\nnpm run test:unit -- --seed=${seed} ${file}  # ${failed}`)
  }
} while (Date.now() < end)
console.log(`${rounds} rounds of ${files.length} files, ${found} found`)
process.exit(found === 0 ? 0 : 1)
