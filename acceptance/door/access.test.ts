// tier: quick, 12 s, CELLS=some
// tier: release, 80 s
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openBrowser } from '../room/lib/browser.ts'
import { browserRow } from './lib/access/browsers.ts'
import { Cast } from './lib/access/cast.ts'
import { cellsOf, type Found, page } from './lib/access/document.ts'
import { columns, enteringTable, meetingsOf, returningTable } from './lib/access/entering.ts'
import { phonesTable } from './lib/access/phones.ts'
import { powersTable } from './lib/access/powers.ts'
import { sendingTable } from './lib/access/sending.ts'

// docs/access.md is what these tests find. UPDATE_ACCESS=1 writes it anew.
const file = fileURLToPath(new URL('../../docs/access.md', import.meta.url))

let cast: Cast
const found: Partial<Found> = {}
before(async () => {
  cast = await Cast.open()
})
after(() => cast?.house.close())

const options = { timeout: 300_000 }
const some = ['everyone', 'invited'] as const

if (process.env.CELLS === 'some') {
  test('who enters: everybody, by link and code, at two levels, as docs/access.md has it', options, async () => {
    const entering = await enteringTable(cast, await meetingsOf(cast, some))
    const written = cellsOf(readFileSync(file, 'utf8'), ['who', 'way in', ...columns])
    assert.deepEqual(
      entering,
      entering.map(([who, way]) => {
        const row = written.find((cells) => cells[0] === who && cells[1] === way)
        return [who, way, ...some.map((column) => row?.[2 + columns.indexOf(column)])]
      }),
    )
  })
} else everyCell()

function everyCell() {
  test('who enters: everybody, by every way, at every level, to the media server and by telephone', options, async () => {
    const meetings = await meetingsOf(cast)
    found.entering = await enteringTable(cast, meetings)
    const browser = await openBrowser()
    try {
      const guest = found.entering.find(([who, way]) => who === 'guest' && way === 'link')!
      assert.deepEqual(await browserRow(browser, meetings), guest.slice(2), 'Chromium sees what the API says')
    } finally {
      await browser.close()
    }
    found.entering.push(...(await phonesTable(cast, meetings)))
    await cast.house.dismiss()
  })

  test('who comes back after being removed', options, async () => {
    found.returning = await returningTable(cast)
    await cast.house.dismiss()
  })

  test('who does what to others: what is refused does not happen, and what is not does', options, async () => {
    found.powers = await powersTable(cast)
    await cast.house.dismiss()
  })

  test('who sends what: asked of the media server', options, async () => {
    found.sending = await sendingTable(cast)
    await cast.house.dismiss()
  })

  test('docs/access.md says what was found', () => {
    const text = page(found as Found)
    if (process.env.UPDATE_ACCESS === '1') writeFileSync(file, text)
    assert.equal(
      readFileSync(file, 'utf8'),
      text,
      'docs/access.md is not what the server does; run with UPDATE_ACCESS=1 and read the difference',
    )
  })
}
