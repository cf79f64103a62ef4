// tier: release, 30 s, alone
// Telephones and real browsers in one meeting.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { until } from '../door/lib/person.ts'
import { now, told } from '../lib/prompts.ts'
import { presenceOf, pulseFile, toneFile } from '../lib/sound.ts'
import { join, joinSignedIn, openBrowser, type Person, received, tile } from '../room/lib/browser.ts'
import { hearsTone, withEar } from './lib/ear.ts'
import { Exchange, phoneTone } from './lib/exchange.ts'

let exchange: Exchange
const browsers: Browser[] = []
before(async () => {
  const speaking = (frequency: number) =>
    openBrowser({ flags: [`--use-file-for-fake-audio-capture=${pulseFile(frequency, 10)}`] })
  const opened = await Promise.all([Exchange.open(), speaking(1_000), speaking(1_300)])
  exchange = opened[0]
  browsers.push(opened[1], opened[2])
})
afterEach(async () => {
  await exchange.dismiss()
  await Promise.all(browsers.flatMap((browser) => browser.contexts().map((context) => context.close())))
})
after(async () => {
  await Promise.all(browsers.map((browser) => browser.close()))
  await exchange?.close()
})

const options = { timeout: 300_000 }
const [first, second] = ['+3460011••••', '+3491122••••']

/** The organizer's page, in the call, with the list of people open. */
const organizerIn = (link: string) => joinSignedIn(browsers[0]!, link, exchange.house.server.dev.users[0]!, { prepare: withEar })

const act = async (host: Person, name: string, item: string) => {
  await host.page
    .getByRole('button', { name: `Actions for ${name}` })
    .first()
    .click()
  await host.page.getByRole('menuitem', { name: item, exact: true }).click()
}

async function hearsMore(person: Person): Promise<void> {
  const { energy } = await received(person)
  await person.page.waitForFunction(
    async (was) => (await (globalThis as unknown as { received(): Promise<{ energy: number }> }).received()).energy > was,
    energy,
  )
}

test('two telephones and two browsers hear each other; a telephone is shown, muted and removed by click', options, async () => {
  const meeting = await exchange.meeting()
  const [host, guest, one, other] = await Promise.all([
    organizerIn(meeting.joinUrl),
    join(browsers[1]!, meeting.joinUrl, 'Grace', { prepare: withEar }),
    exchange.call(meeting, { number: '+34600111222' }),
    exchange.call(meeting, { number: '+34911222333', says: toneFile(500, 240), codec: 'PCMA' }),
  ])
  for (const name of [first, second]) {
    await tile(host, name).getByRole('img', { name: 'By telephone' }).waitFor()
    const row = host.page.getByRole('complementary').getByRole('listitem').filter({ hasText: name })
    await row.getByRole('img', { name: 'By telephone' }).waitFor()
  }
  await Promise.all([host, guest].flatMap((person) => [hearsMore(person), hearsTone(person, phoneTone), hearsTone(person, 500)]))
  await Promise.all([hearsTone(guest, 1_000), hearsTone(host, 1_300)])
  const hears = async (phone: typeof one, tones: number[], own: number) => {
    // What it is told on the way in is still being played.
    await phone.listen(5)
    for (const tone of tones)
      await until(`${tone} Hz in the recording of the one that says ${own} Hz`, async () => {
        const { pcm, rate } = await phone.listen(2)
        return presenceOf(pcm, tone, rate) > 0.15
      })
    const { pcm, rate } = await phone.listen(2)
    assert.equal(presenceOf(pcm, own, rate), 0, `the one that says ${own} Hz does not hear itself`)
  }
  await Promise.all([hears(one, [500, 1_000, 1_300], phoneTone), hears(other, [phoneTone, 1_000, 1_300], 500)])

  one.press('*5')
  await tile(guest, first).getByRole('img', { name: 'Hand raised, number 1' }).waitFor()
  await guest.page.getByRole('button', { name: 'Leave' }).click()
  await guest.page.getByRole('heading', { name: 'You left the meeting' }).waitFor()
  const from = await now(one)
  await act(host, first, 'Mute')
  await tile(host, first).getByRole('img', { name: 'Muted' }).waitFor()
  await told(one, 'muted-by-organizer', 'en', from)
  one.press('*6')
  await tile(host, first).getByRole('img', { name: 'Muted' }).waitFor({ state: 'detached' })
  assert.ok(!one.isOver && !other.isOver, 'the telephones stay when a browser goes')
  await act(host, second, 'Remove from meeting')
  await host.page.getByRole('button', { name: 'Remove from meeting' }).click()
  await told(other, 'removed')
  await other.over()
  await tile(host, second).waitFor({ state: 'detached' })
  await hearsTone(host, phoneTone)
  assert.deepEqual([...host.complaints, ...guest.complaints], [])
})

test('callers in the lobby are shown with their number, admitted and denied by click; the panel has what a caller needs', {
  ...options,
}, async () => {
  const meeting = await exchange.meeting({ accessLevel: 'invited' })
  const host = await organizerIn(meeting.joinUrl)
  await host.page.getByRole('toolbar', { name: 'Meeting controls' }).getByRole('button', { name: 'More' }).click()
  await host.page.getByRole('menuitem', { name: 'Meeting information' }).click()
  const panel = host.page.getByRole('complementary')
  const call = panel.locator('a[href^="tel:"]').first()
  assert.match((await call.getAttribute('href')) ?? '', new RegExp(`^tel:\\+\\d+,+${meeting.passcode}(#|%23)$`))
  const sip = (await panel.locator('a[href^="sip:"]').getAttribute('href'))!
  assert.ok((await panel.textContent())!.replaceAll(/\s/g, '').includes(meeting.passcode))
  assert.match((await panel.textContent())!, /\*6 microphone off or on/)
  await host.page.getByRole('button', { name: 'People' }).click()
  const [one, other] = await Promise.all([
    exchange.call({ ...meeting, sip }, { number: '+34600111222' }),
    exchange.call({ ...meeting, sip }, { number: '+34911222333' }),
  ])
  const lobby = host.page.getByRole('region', { name: 'Waiting in the lobby' })
  const row = (number: string) => lobby.getByRole('listitem').filter({ hasText: number })
  for (const number of ['+34600111222', '+34911222333']) await row(number).getByRole('img', { name: 'By telephone' }).waitFor()
  await Promise.all([told(one, 'waiting-invited'), told(other, 'waiting-invited')])
  await row('+34911222333').getByRole('button', { name: 'Deny', exact: true }).click()
  await row('+34600111222').getByRole('button', { name: 'Admit', exact: true }).click()
  await Promise.all([told(other, 'denied').then(() => other.over()), told(one, 'joined')])
  await hearsTone(host, phoneTone)
  assert.deepEqual(host.complaints, [])
})
