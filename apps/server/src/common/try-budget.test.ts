import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { TooManyTriesError, TryBudget } from './try-budget.ts'

beforeEach(() => {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 })
})

const budgetOf = (options: Partial<ConstructorParameters<typeof TryBudget>[0]> = {}) =>
  new TryBudget({ burst: 10, perSecond: 2, waiting: 50, millis: () => Date.now(), ...options })

/** Tries noted as they are looked at. */
function tries(budget: TryBudget) {
  const looked: string[] = []
  const refused: string[] = []
  const attempt = (group: string, name: string, right = false, signal?: AbortSignal) => {
    const work = async () => {
      looked.push(name)
      return right
    }
    return budget
      .run({ group, sender: group }, work, (outcome) => outcome, signal)
      .catch((error: unknown) => {
        assert.ok(error instanceof TooManyTriesError)
        refused.push(name)
        return undefined
      })
  }
  return { looked, refused, attempt }
}

/** Let what was promised happen. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    mock.timers.tick(100)
    await settle()
  }
}

test('wrong tries use the budget up, right ones do not, however many come at once', async () => {
  const { looked, attempt } = tries(budgetOf())
  for (let index = 0; index < 100; index++) await attempt('a', `right ${index}`, true)
  const all = Array.from({ length: 30 }, (_, index) => attempt('a', `wrong ${index}`))
  await settle()
  assert.equal(looked.filter((name) => name.startsWith('wrong')).length, 10)
  await pass(5_000)
  assert.equal(looked.filter((name) => name.startsWith('wrong')).length, 20)
  await pass(5_000)
  await Promise.all(all)
})

test('somebody new waits for one of each other group, however much those try', async () => {
  const { looked, attempt } = tries(budgetOf())
  const guessers = Array.from({ length: 8 }, (_, index) => `guesser ${index}`)
  for (const name of guessers) for (let turn = 0; turn < 6; turn++) void attempt(name, name)
  await settle()
  await pass(1_000)
  const before = looked.length
  const mine = attempt('me', 'me', true)
  // Eight groups at two a second.
  await pass(4_000)
  assert.equal(await mine, true)
  assert.ok(looked.indexOf('me') - before <= 8, String(looked.indexOf('me') - before))
})

test('many who are right behind one address come in one after the other, in one turn', async () => {
  const { looked, attempt } = tries(budgetOf({ burst: 1 }))
  await attempt('guesser', 'guess')
  for (let turn = 0; turn < 10; turn++) void attempt('guesser', 'guess')
  for (let pupil = 0; pupil < 30; pupil++) void attempt('school', 'pupil', true)
  await pass(1_000)
  assert.equal(looked.filter((name) => name === 'pupil').length, 30)
  assert.ok(looked.filter((name) => name === 'guess').length <= 3)
})

test('when too many wait, those are refused who have most', async () => {
  const { refused, attempt } = tries(budgetOf({ burst: 1, waiting: 10 }))
  await attempt('guesser', 'first')
  for (let turn = 0; turn < 10; turn++) void attempt('guesser', `guess ${turn}`)
  const mine = attempt('me', 'me', true)
  await settle()
  assert.deepEqual(refused, ['guess 9'])
  await pass(2_000)
  assert.equal(await mine, true)
})

test('who goes away waits no longer', async () => {
  const budget = budgetOf({ burst: 1 })
  const { looked, refused, attempt } = tries(budget)
  await attempt('a', 'first')
  const gone = new AbortController()
  const waiting = attempt('a', 'second', false, gone.signal)
  gone.abort()
  await waiting
  await pass(3_000)
  assert.deepEqual([looked, refused], [['first'], ['second']])
  assert.equal(budget.isIdle, true)
})

test('work that fails was not right', async () => {
  const budget = budgetOf({ burst: 1 })
  const failing = budget.run(
    { group: 'a', sender: 'a' },
    () => Promise.reject(new Error('no')),
    () => true,
  )
  await assert.rejects(failing, /no/)
  assert.equal(budget.isIdle, false)
})
