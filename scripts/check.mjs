// npm run check: types, lint and unit tests.
import { availableParallelism } from 'node:os'
import { globSync } from './glob.mjs'
import { root, run, setup } from './setup.mjs'

/** Run types, lint and unit tests with the given Node. */
export function check(node) {
  for (const project of ['tsconfig.json', 'apps/web/tsconfig.json', 'packages/media/rig/page/tsconfig.json'])
    run(node, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', project])
  run(node, ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'])
  run(node, ['scripts/regexps.mjs'])
  const files = globSync(root, ['apps', 'packages', 'bench', 'scripts'], /\.test\.tsx?$/)
  run(node, [
    '--disable-warning=ExperimentalWarning',
    '--test',
    // Node leaves one core idle otherwise; on two that is half the time.
    `--test-concurrency=${availableParallelism()}`,
    '--test-reporter=dot',
    '--test-reporter-destination=stdout',
    ...files,
  ])
}

if (process.argv[1]?.endsWith('check.mjs')) check(setup({ web: false }))
