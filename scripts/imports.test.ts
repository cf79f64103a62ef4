import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsOf, specifiersOf } from './imports.mjs'

function problems(files: Record<string, string>): string[] {
  return problemsOf(Object.keys(files), (file: string) => files[file])
}

test('every way of naming a module counts, types included', () => {
  const text = `
    import type { A } from './a.ts'
    import { b, type B } from './b.ts'
    import './c.ts'
    export * from './d.ts'
    export { e } from './e.ts'
    const f = () => import('./f.ts')
    type G = import('./g.ts').G
    // import { h } from './h.ts'
    const text = "import { i } from './i.ts'"
  `
  assert.deepEqual(specifiersOf('x.ts', text).sort(), ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts'])
})

test('a circle is found, of types too', () => {
  const [problem, ...more] = problems({
    'packages/sip/src/a.ts': "import type { B } from './b.ts'",
    'packages/sip/src/b.ts': "import { c } from './c.ts'",
    'packages/sip/src/c.ts': "export type A = import('./a.ts').A",
    'packages/sip/src/d.ts': "import './a.ts'",
  })
  assert.match(problem!, /^import circle of 3 files: .*\/a\.ts, .*\/b\.ts, .*\/c\.ts$/)
  assert.deepEqual(more, [])
})

test('folders of the server import only what the table says; tests may import what they test with', () => {
  const server = 'apps/server/src'
  const found = problems({
    [`${server}/common/clock.ts`]: '',
    [`${server}/meetings/meeting.ts`]: "import '../common/clock.ts'; import type { Door } from '../rooms/admission/door.ts'",
    [`${server}/meetings/meeting.test.ts`]: "import '../rooms/admission/door.ts'",
    [`${server}/rooms/admission/door.ts`]: '',
    [`${server}/rooms/rooms.ts`]: "import './admission/door.ts'",
    [`${server}/new/thing.ts`]: "import '../common/clock.ts'",
  })
  assert.deepEqual(found, [
    `${server}/meetings/meeting.ts: imports ../rooms/admission/door.ts: meetings may import common, store, identity`,
    `${server}/new/thing.ts: imports ../common/clock.ts: the table of scripts/imports.mjs has no folder for it`,
  ])
})

test('what builds everything is for who starts it, tests import nothing of ours, packages none of the applications', () => {
  const found = problems({
    'apps/server/src/context.ts': '',
    'apps/server/src/serve.ts': "import './context.ts'",
    'apps/server/src/cli/open.ts': "import '../context.ts'",
    'apps/server/src/app.ts': "import './context.ts'",
    'acceptance/a.test.ts': "import '../apps/server/src/serve.ts'; import '@parley/media'; import 'node:test'",
    'packages/media/src/room.ts': "import '../../sip/src/index.ts'",
    'apps/server/src/graph/testing.ts': '',
    'apps/server/test/tenant.ts': "import '../src/context.ts'",
    'apps/server/src/banner.ts': "import '../test/tenant.ts'",
    'apps/server/src/banner.test.ts': "import '../test/tenant.ts'",
  })
  assert.deepEqual(
    found.map((each) => each.replace(/(?<=: imports \S+: ).*/, '…')),
    [
      'apps/server/src/app.ts: imports ./context.ts: …',
      'acceptance/a.test.ts: imports ../apps/server/src/serve.ts: …',
      'acceptance/a.test.ts: imports @parley/media: …',
      'packages/media/src/room.ts: imports ../../sip/src/index.ts: …',
      'apps/server/src/graph/testing.ts: helpers of tests belong in a folder test/, not in src',
      'apps/server/src/banner.ts: imports ../test/tenant.ts: …',
    ],
  )
})
