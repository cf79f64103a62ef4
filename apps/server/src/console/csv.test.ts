import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { csv } from './csv.ts'

test('values are quoted, quotes doubled, formulas told to be text', () => {
  assert.equal(
    csv([
      ['a', 1, null],
      ['say "hi"', '=1+1', 'x\ny'],
    ]),
    '\uFEFF"a","1",""\r\n"say ""hi""","\'=1+1","x\ny"\r\n',
  )
  assert.match(csv([['@SUM(A1)']]), /"'@SUM/)
  for (const sign of ['＝', '＋', '－', '＠', ' =']) assert.equal(csv([[`${sign}1`]]), `\uFEFF"'${sign}1"\r\n`)
})

test('property: as many cells come out as went in, and none can start a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (row) => {
      const text = csv([row]).slice(1, -2)
      const cells = [...text.matchAll(/"((?:[^"]|"")*)"(?:,|$)/gs)].map((match) => match[1]!.replaceAll('""', '"'))
      assert.equal(cells.length, row.length)
      for (const [index, cell] of cells.entries()) {
        assert.doesNotMatch(cell, /^[=+\-@\t\r]/)
        assert.ok(cell === row[index] || cell === `'${row[index]}`)
      }
    }),
  )
})
