// Runs the suites with real phones, one after another: they measure sound, and do not do well with neighbours.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const only = process.argv[2] ?? ''
const suites = readdirSync(here).filter((name) => name.endsWith('.suite.ts') && name.startsWith(only))
const args = [
  '--disable-warning=ExperimentalWarning',
  '--test',
  '--test-concurrency=1',
  '--test-force-exit',
  '--test-reporter=spec',
]
const { status } = spawnSync(process.execPath, [...args, ...suites.map((name) => join(here, name))], { stdio: 'inherit' })
process.exitCode = status ?? 1
