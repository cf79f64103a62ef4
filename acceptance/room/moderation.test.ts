// tier: full, 30 s, alone
// What an organizer can do to the others by click, and what they see of it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Server, startServer } from '../lib/server.ts'
import {
  accessible,
  askToJoin,
  close,
  inCall,
  join,
  joinSignedIn,
  openBrowser,
  type Person,
  picture,
  seen,
  tile,
  visit,
} from './lib/browser.ts'
import { newMeeting } from './lib/meeting.ts'

let server: Server
let browser: Browser
before(async () => {
  server = await startServer()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
})

const button = ({ page }: Person, name: string) => page.getByRole('button', { name, exact: true })
const panel = ({ page }: Person) => page.getByRole('complementary')

/** The organizer in the call, with the list of people open. */
const organizerOf = (link: string) => joinSignedIn(browser, link, server.dev.users[0]!)

async function act(host: Person, name: string, item: string): Promise<void> {
  await button(host, `Actions for ${name}`).last().click()
  await host.page.getByRole('menuitem', { name: item, exact: true }).click()
}

async function allow(host: Person, what: string, on: boolean): Promise<void> {
  const control = panel(host).getByRole('switch', { name: what })
  assert.equal(await control.isChecked(), !on, what)
  await control.click()
  await panel(host).getByRole('switch', { name: what, checked: on }).waitFor()
}

test('mute all, take away camera, screen and hand, roles, what attendees may do, lock, remove with return', {
  timeout: 300_000,
}, async () => {
  const { link } = await newMeeting(server)
  const host = await organizerOf(link)
  const ada = await join(browser, link, 'Ada')
  await seen(host, 'Ada')

  await button(host, 'Mute all').click()
  await ada.page.getByText('An organizer muted you').waitFor()
  await button(ada, 'Unmute microphone').click()
  await tile(host, 'Ada').getByRole('img', { name: 'Muted' }).waitFor({ state: 'detached' })
  await act(host, 'Ada', 'Turn off video')
  await ada.page.getByText('An organizer turned off your video').waitFor()
  await tile(host, 'Ada').locator('video').waitFor({ state: 'detached' })
  await button(ada, 'Turn camera on').click()
  await seen(host, 'Ada')
  await button(ada, 'Share screen').click()
  await host.page.getByRole('figure', { name: 'Shared screen: Ada' }).waitFor()
  await act(host, 'Ada', 'Stop their sharing')
  await ada.page.getByText('An organizer stopped your sharing').waitFor()
  await button(ada, 'Share screen').waitFor()
  await host.page.getByRole('figure').waitFor({ state: 'detached' })
  await button(ada, 'Raise hand').click()
  await tile(host, 'Ada').getByRole('img', { name: 'Hand raised, number 1' }).waitFor()
  await act(host, 'Ada', 'Lower their hand')
  await ada.page.getByText('An organizer lowered your hand').waitFor()
  await button(ada, 'Raise hand').waitFor()

  await act(host, 'Ada', 'Make presenter')
  await ada.page.getByText('You are now presenter').waitFor()
  await panel(host).getByRole('listitem').filter({ hasText: 'Ada' }).getByText('Presenter').waitFor()
  await act(host, 'Ada', 'Make attendee')
  await ada.page.getByText('You are now attendee').waitFor()

  await panel(host).getByText('What attendees may do').click()
  await allow(host, 'Use the microphone', false)
  await tile(host, 'Ada').getByRole('img', { name: 'Muted' }).waitFor()
  await ada.page.getByRole('button', { name: 'Unmute microphone' }).and(ada.page.locator('[aria-disabled=true]')).waitFor()
  assert.equal(await button(ada, 'Unmute microphone').getAttribute('aria-description'), 'Attendees may not unmute now')
  await allow(host, 'Use the camera', false)
  await tile(host, 'Ada').locator('video').waitFor({ state: 'detached' })
  await allow(host, 'Share the screen', false)
  await button(ada, 'Share screen').and(ada.page.locator('[aria-disabled=true]')).waitFor()
  await button(ada, 'Chat').click()
  await allow(host, 'Write messages', false)
  await ada.page.getByText('You may not write in this meeting.').waitFor()
  await allow(host, 'React and raise hands', false)
  await button(ada, 'React').waitFor({ state: 'detached' })
  assert.equal(
    await button(host, 'Raise hand').getAttribute('aria-disabled'),
    null,
    'what binds attendees does not bind organizers',
  )
  await picture(host, 'policy')
  await picture(ada, 'forbidden')
  await accessible(host, 'what attendees may do')
  await accessible(ada, 'a room in which nothing is allowed')
  for (const what of ['Use the microphone', 'Use the camera', 'Share the screen', 'Write messages', 'React and raise hands'])
    await allow(host, what, true)
  await button(ada, 'React').waitFor()
  await ada.page.getByRole('textbox', { name: 'Message' }).waitFor()
  await button(ada, 'Unmute microphone').click()
  await tile(host, 'Ada').getByRole('img', { name: 'Muted' }).waitFor({ state: 'detached' })
  await button(ada, 'Turn camera on').click()
  await seen(host, 'Ada')

  await panel(host).getByRole('button', { name: 'More' }).click()
  await host.page.getByRole('menuitem', { name: 'Lock meeting' }).click()
  await panel(host).getByText('The meeting is locked', { exact: true }).waitFor()
  const late = await visit(browser, link, 'Late')
  await askToJoin(late)
  await late.page.getByText('The meeting is locked').first().waitFor()
  await accessible(late, 'the door of a locked meeting')
  await picture(late, 'locked')
  await panel(host).getByRole('button', { name: 'More' }).click()
  await host.page.getByRole('menuitem', { name: 'Unlock meeting' }).click()
  await panel(host).getByText('The meeting is locked', { exact: true }).waitFor({ state: 'detached' })

  await act(host, 'Ada', 'Remove from meeting')
  await host.page.getByRole('checkbox', { name: 'They may come back' }).check()
  await button(host, 'Remove from meeting').click()
  await ada.page.getByRole('heading', { name: 'You were removed from the meeting' }).waitFor()
  await accessible(ada, 'the page of somebody removed')
  await button(ada, 'Ask again').click()
  await button(ada, 'Join now').click()
  await inCall(ada)
  await seen(host, 'Ada')
  await close(host, ada, late)
})

test('a broadcast: attendees watch, listen and write, and cannot send', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server, { meetingType: 'broadcast' })
  const host = await organizerOf(link)
  const ada = await join(browser, link, 'Ada')
  await seen(ada, host.name)
  for (const name of ['Unmute microphone', 'Turn camera on', 'Share screen'])
    assert.equal(await button(ada, name).getAttribute('aria-disabled'), 'true', name)
  await picture(ada, 'broadcast')
  await accessible(ada, 'a broadcast')
  await act(host, 'Ada', 'Make presenter')
  await ada.page.getByText('You are now presenter').waitFor()
  await button(ada, 'Turn camera on').and(ada.page.locator(':not([aria-disabled=true])')).click()
  await seen(host, 'Ada')
  await close(host, ada)
})
