#!/usr/bin/env node
// npx parley …: the command line, with the right Node.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

const args = process.argv.slice(2)
const node = setup({ web: args.includes('serve') })
const result = spawnSync(node, ['--disable-warning=ExperimentalWarning', join(root, 'apps/server/src/cli/main.ts'), ...args], {
  stdio: 'inherit',
})
process.exit(result.status ?? 1)
