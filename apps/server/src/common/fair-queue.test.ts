import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairQueue, QueueFullError } from './fair-queue.ts'

/** Work that ends when told to, and notes its start. */
function pieces(queue: FairQueue) {
  const started: string[] = []
  const ends: (() => void)[] = []
  const give = (sender: string, name: string) =>
    queue.run(
      sender,
      () =>
        new Promise<string>((resolve) => {
          started.push(name)
          ends.push(() => resolve(name))
        }),
    )
  /** End the oldest piece under way, and let the next begin. */
  const step = async () => {
    ends.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { started, give, step }
}

test('who comes alone waits for one of each other sender, however many those have', async () => {
  const { started, give, step } = pieces(new FairQueue({ atOnce: 1, waiting: 100 }))
  const all = [...Array(50).keys()].map((index) => give('greedy', `greedy ${index}`))
  const mine = give('me', 'me')
  await step()
  await step()
  assert.deepEqual(started, ['greedy 0', 'greedy 1', 'me'])
  for (let count = 0; count < 60; count++) await step()
  assert.equal(await mine, 'me')
  assert.equal((await Promise.all(all)).length, 50)
})

test('a full queue refuses those who have most in it', async () => {
  const { give, step } = pieces(new FairQueue({ atOnce: 1, waiting: 3 }))
  const greedy = [0, 1, 2, 3].map((index) => give('greedy', `greedy ${index}`))
  const results = Promise.allSettled(greedy)
  const mine = give('me', 'me')
  for (let count = 0; count < 6; count++) await step()
  assert.equal(await mine, 'me')
  const refused = (await results).filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  assert.equal(refused.length, 1)
  assert.ok(refused[0]!.reason instanceof QueueFullError)
})

test('work that fails makes room too', async () => {
  const queue = new FairQueue({ atOnce: 1, waiting: 1 })
  await assert.rejects(
    queue.run('a', () => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await queue.run('a', async () => 1), 1)
})
