import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MediaClock } from './clock.ts'

test('a member that throws is told of and left out; the others beat on', async () => {
  const faults: unknown[] = []
  const clock = new MediaClock((error) => faults.push(error))
  let beats = 0
  const wrong = new Error('wrong')
  clock.join(() => {
    throw wrong
  })
  await new Promise<void>((resolve) => {
    const leave = clock.join(() => {
      if (++beats < 3) return
      leave()
      resolve()
    })
  })
  assert.deepEqual(faults, [wrong])
})

test('a clock whose only member threw beats for the next', async () => {
  const thrown = Promise.withResolvers<unknown>()
  const clock = new MediaClock(thrown.resolve)
  clock.join(() => {
    throw new Error('wrong')
  })
  await thrown.promise
  await new Promise<void>((resolve) => {
    const leave = clock.join(() => {
      leave()
      resolve()
    })
  })
})
