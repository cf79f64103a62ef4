import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { askToJoin, inCall, visit } from '../../../room/lib/browser.ts'
import { until } from '../person.ts'
import type { CastMeeting } from './cast.ts'
import { type Column, columns, seenRole } from './entering.ts'

/** What the page says to those who wait. */
const words: Record<string, string> = {
  'for people of the organization': 'organizationOnly',
  'for invited people': 'invitedOnly',
  'is locked': 'locked',
}

/** A guest in a real Chromium, by the link, at every level: in the call and seen by the organizer, or told why not. */
export async function browserRow(browser: Browser, meetings: Map<Column, CastMeeting>): Promise<string[]> {
  const cells: string[] = []
  for (const column of columns) {
    const { organizer, joinUrl } = meetings.get(column)!
    const name = `Chromium ${column}`
    const person = await visit(browser, joinUrl, name)
    await askToJoin(person)
    const lobby = person.page.getByRole('heading', { name: 'You are in the lobby' })
    const isIn = await Promise.race([inCall(person).then(() => true), lobby.waitFor().then(() => false)])
    if (isIn) {
      const found = await until('the browser to be seen', async () =>
        [...organizer.room!.remoteParticipants.values()].find((each) => each.name === name),
      )
      cells.push(`in, ${await seenRole(organizer, found.identity)}`)
    } else {
      const said = await person.page.getByRole('main').innerText()
      const reason = Object.entries(words).find(([part]) => said.includes(part))?.[1]
      cells.push(`waiting: ${reason}`)
    }
    assert.deepEqual(person.complaints, [])
    await person.page.context().close()
  }
  return cells
}
