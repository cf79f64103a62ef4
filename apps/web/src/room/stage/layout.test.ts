import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bestGrid, pageOf, tilesPerPage, withSpeaker } from './layout.ts'

test('familiar windows', () => {
  assert.equal(bestGrid(1, 1600, 900).columns, 1)
  assert.equal(bestGrid(2, 1600, 900).columns, 2)
  assert.equal(bestGrid(2, 360, 600).columns, 1)
  assert.equal(bestGrid(4, 1600, 900).columns, 2)
  assert.equal(bestGrid(9, 1600, 900).columns, 3)
})

function fits(count: number, width: number, height: number) {
  const grid = bestGrid(count, width, height)
  assert.ok(grid.columns * grid.rows >= count)
  assert.ok(grid.columns * grid.width + 8 * (grid.columns - 1) <= width)
  assert.ok(grid.rows * grid.height + 8 * (grid.rows - 1) <= height)
  assert.ok(grid.width / grid.height <= 16 / 9 && grid.width / grid.height >= 0.8, `${grid.width} x ${grid.height}`)
}

test('every tile fits, none is distorted', () => {
  const size = fc.integer({ min: 200, max: 4000 })
  fc.assert(fc.property(fc.integer({ min: 1, max: 49 }), size, size, fits))
})

test('no tile is distorted where they are small', () => fits(37, 200, 205))

test('pages hold everybody once, and a page past the end is the last', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({ min: 1, max: 49 }), (count, size) => {
      const all = Array.from({ length: count }, (_, index) => index)
      const { pages } = pageOf(all, size, 0)
      assert.deepEqual(Array.from({ length: pages }, (_, page) => pageOf(all, size, page).shown).flat(), all)
      assert.equal(pageOf(all, size, 1e6).page, pages - 1)
    }),
  )
  assert.equal(tilesPerPage(1e6, 1e6), 49)
  assert.equal(tilesPerPage(10, 10), 1)
})

test('who speaks on a later page comes to the first, and nobody is lost', () => {
  const all = ['a', 'b', 'c', 'd', 'e'].map((identity) => ({ identity }))
  const order = (speaker: string | null) =>
    withSpeaker(all, 3, speaker)
      .map((one) => one.identity)
      .join('')
  assert.equal(order('e'), 'abecd')
  assert.equal(order('b'), 'abcde')
  assert.equal(order(null), 'abcde')
  assert.equal(order('gone'), 'abcde')
})
