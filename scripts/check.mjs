// npm run check: types, lint and unit tests.
import { spawnSync } from 'node:child_process'
import { root, setup } from './setup.mjs'
import { runUnits, unitFiles } from './unit.mjs'

const projects = ['tsconfig.json', 'apps/web/tsconfig.json', 'packages/media/test/harness/page/tsconfig.json']

/** Run types, lint and unit tests with the given Node, each whatever became of the others; how many passed and failed. */
export function check(node) {
  const tools = [
    ...projects.map((project) => ['node_modules/typescript/bin/tsc', '--noEmit', '-p', project]),
    ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
    ['scripts/regexps.mjs'],
    ['scripts/imports.mjs'],
    ['node_modules/knip/bin/knip.js'],
  ]
  const red = tools.filter((args) => spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status !== 0)
  for (const args of red) console.error(`failed: ${args.join(' ')}`)
  const { passed, failed } = runUnits(node, unitFiles())
  return { passed: passed + tools.length - red.length, failed: failed + red.length }
}

if (process.argv[1]?.endsWith('check.mjs')) {
  const { passed, failed } = check(setup({ web: false }))
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}
