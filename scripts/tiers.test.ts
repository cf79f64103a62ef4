import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { root } from './setup.mjs'
import { allRuns, budgetIn, limits, overspent, runsIn, secondsOf } from './tiers.mjs'

describe('what a suite file says of itself', () => {
  test('each line of the first comment is a run', () => {
    const text =
      '// tier: quick, 4 s, ROUNDS=3\n// tier: full, 40 s, alone, shared, ROUNDS=20, OF=a.b\n// Why.\nimport x\n// tier: release, 1 s\n'
    assert.deepEqual(runsIn('acceptance/api/x.test.ts', text), [
      { file: 'acceptance/api/x.test.ts', tier: 'quick', seconds: 4, alone: false, shared: false, env: { ROUNDS: '3' } },
      {
        file: 'acceptance/api/x.test.ts',
        tier: 'full',
        seconds: 40,
        alone: true,
        shared: true,
        env: { ROUNDS: '20', OF: 'a.b' },
      },
    ])
  })

  for (const text of [
    'import x\n// tier: quick, 4 s\n',
    '',
    '// tier: slow, 4 s\n',
    '// tier: quick\n',
    '// tier: quick, 4 s, lonely\n',
    '// tier:quick, 4 s\n',
  ]) {
    test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => runsIn('a.test.ts', text), /^Error: a\.test\.ts/))
  }
})

describe('the budget', () => {
  const run = (area: string, tier: string, seconds: number, alone = false) => ({
    file: `${area}/x.test.ts`,
    tier,
    seconds,
    alone,
    env: {},
  })

  test('two lanes for those that may have a neighbour, one for the others', () => {
    assert.equal(
      secondsOf([run('acceptance/a', 'quick', 10), run('acceptance/a', 'quick', 21), run('acceptance/a', 'quick', 5, true)]),
      21,
    )
  })

  test('what is over it, or has no place in it, is named', () => {
    const budget = budgetIn('| area | npm test |\n| --- | --- |\n| acceptance/a | 10 | 20 | – |\n| packages/b | – | 5 | 60 |\n')
    assert.deepEqual(
      [...budget],
      [
        ['acceptance/a', { quick: 10, full: 20, release: 0 }],
        ['packages/b', { quick: 0, full: 5, release: 60 }],
      ],
    )
    assert.deepEqual(overspent([run('acceptance/a', 'quick', 10), run('packages/b', 'full', 5)], budget), [])
    assert.deepEqual(overspent([run('acceptance/a', 'quick', 11)], budget), [
      'acceptance/a takes 11 s of npm test, and may take 10',
    ])
    assert.deepEqual(overspent([run('acceptance/c', 'full', 1)], budget), [
      'acceptance/c has no row in the budget of CONTRIBUTING.md',
    ])
    const long = new Map([['acceptance/a', { quick: 9_999, full: 0, release: 0 }]])
    assert.deepEqual(overspent([run('acceptance/a', 'quick', limits.quick + 1, true)], long), [
      `npm test takes ${limits.quick + 1} s, and may take ${limits.quick}`,
    ])
  })

  test('of this checkout is kept', () => {
    assert.deepEqual(overspent(allRuns(root), budgetIn(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'))), [])
  })
})
