// Runs the conformance suite in this folder against MEDIA_UNDER_TEST (livekit or embedded). Arguments: parts of file names.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const filters = process.argv.slice(2)
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.suite.ts') && (filters.length === 0 || filters.some((filter) => name.includes(filter))))
  .map((name) => join(folder, name))
const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc', '--test', '--test-concurrency=1', '--test-reporter=spec']
const result = spawnSync(process.execPath, [...flags, ...files], {
  stdio: 'inherit',
  // LiveKit's headless client is silent only in production.
  env: { ...process.env, NODE_ENV: 'production' },
})
process.exit(result.status ?? 1)
