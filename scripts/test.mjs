// npm test: everything. Types, lint, unit tests, then the black-box acceptance tests.
import { check } from './check.mjs'
import { globSync } from './glob.mjs'
import { root, run, setup } from './setup.mjs'
import { installTools } from './tools.mjs'

const node = setup()
installTools()
check(node)
const files = globSync(root, ['acceptance'], /\.test\.ts$/)
run(node, ['--disable-warning=ExperimentalWarning', '--test', '--test-concurrency=1', '--test-reporter=spec', ...files])
