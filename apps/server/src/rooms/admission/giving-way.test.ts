import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantFromMillis } from '../../common/instant.ts'
import { greediest, type Held, placeToGive } from './giving-way.ts'

const at = (seconds: number) => instantFromMillis(1_800_000_000_000 + seconds * 1_000)
const now = at(0)
const held = (id: string, sender: string | null, seconds: number, cameIn = false): Held => ({
  id,
  sender,
  since: at(-seconds),
  cameIn,
})

test('whoever was let in and is not there gives way after a minute, who has been away longest first', () => {
  const all = [held('known', null, 70, true), held('guest', 'a', 90), held('fresh', 'b', 10)]
  assert.equal(placeToGive(all, 'c', now)?.id, 'guest')
  assert.equal(placeToGive(all.slice(0, 1), 'c', now)?.id, 'known')
  assert.equal(placeToGive(all.slice(2), 'c', now), undefined)
})

test('of places taken a moment ago, those from where most came give way; known people and who came in do not', () => {
  const crowd = [held('a1', 'a', 5), held('a2', 'a', 4), held('a3', 'a', 3)]
  assert.equal(placeToGive(crowd, 'b', now)?.id, 'a3')
  assert.equal(placeToGive(crowd, null, now)?.id, 'a3')
  assert.equal(placeToGive(crowd, 'a', now), undefined, 'those from where most came take none of each other')
  const equal = [held('a1', 'a', 5), held('b1', 'b', 5)]
  assert.equal(placeToGive(equal, 'c', now), undefined)
  const apart = [held('a1', 'a', 5, true), held('a2', 'a', 4, true), held('known', null, 3), held('other', null, 2)]
  assert.equal(placeToGive(apart, 'b', now), undefined)
})

test('taking goes on until nobody has two more than another', () => {
  const lobby = Array.from({ length: 30 }, (_, index) => held(`a${index}`, 'a', 30 - index))
  let taken = 0
  for (;;) {
    const gives = greediest(lobby, 'b')
    if (gives === undefined) break
    lobby.splice(lobby.indexOf(gives), 1, held(`b${taken}`, 'b', 0))
    taken += 1
  }
  assert.equal(taken, 15)
})
