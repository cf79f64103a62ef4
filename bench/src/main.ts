// npm run bench [-- area…] [quick]: run the benches of the named areas, or of all, one after another.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const areas = readdirSync(here).filter((name) => existsSync(join(here, name, 'main.ts')))
const asked = process.argv.slice(2)
const chosen = areas.filter((area) => asked.includes(area))
const rest = asked.filter((argument) => !areas.includes(argument))
for (const area of chosen.length === 0 ? areas : chosen) {
  const { status } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(here, area, 'main.ts'), ...rest],
    { stdio: 'inherit' },
  )
  if (status !== 0) process.exitCode = 1
}
