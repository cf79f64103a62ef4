// tier: release, 30 s, alone
// Who is who: a name is what its owner chose, so the page says beside it who runs the meeting and who proved nothing; and
// it plays no sound that passes itself off as something else.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AudioFrame, AudioSource, LocalAudioTrack, type Room, TrackPublishOptions, TrackSource } from '@livekit/rtc-node'
import type { Browser, Locator } from 'playwright-core'
import { within } from '../door/lib/person.ts'
import { type Server, startServer } from '../lib/server.ts'
import { Visitor } from '../people/lib/visitor.ts'
import { close, join, openBrowser, type Person, tile } from './lib/browser.ts'
import { headless } from './lib/headless.ts'
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

const open = async ({ page }: Person, panel: string) => {
  await page.getByRole('button', { name: panel, exact: true }).click()
  return page.getByRole('complementary')
}

/** Both are there, each once, and nothing else of that name. */
async function bothAt(where: Locator, guest: string, organizer: string): Promise<void> {
  await where.filter({ hasText: guest }).first().waitFor()
  await where.filter({ hasText: organizer }).first().waitFor()
  assert.deepEqual([await where.filter({ hasText: guest }).count(), await where.filter({ hasText: organizer }).count()], [1, 1])
}

test('a guest with the organizer’s name is told from the organizer in the room, the list and the chat', {
  timeout: 180_000,
}, async (t) => {
  const { link } = await newMeeting(server)
  const user = server.dev.users[0]!
  const name = user.displayName
  const browserOfOrganizer = new Visitor(server.url)
  await browserOfOrganizer.signIn(user)
  const organizer = await headless(server, link, '', [], browserOfOrganizer.cookies)
  t.after(() => organizer.stop())
  const twin = await headless(server, link, name)
  t.after(() => twin.stop())
  const viewer = await join(browser, link, 'Vera')

  await bothAt(tile(viewer, name), `${name}Guest`, `${name}Organizer`)
  const people = await open(viewer, 'People')
  await bothAt(people.getByRole('listitem').filter({ hasText: name }), 'Guest', 'Organizer')
  for (const person of [organizer, twin])
    assert.equal((await person.post('/api/chat/messages', { text: 'It is me' })).status, 201)
  const chat = await open(viewer, 'Chat')
  await bothAt(chat.getByRole('article'), `${name} Guest ·`, `${name} Organizer ·`)
  await twin.post('/api/door/leave')
  await tile(viewer, name).filter({ hasText: 'Guest' }).waitFor({ state: 'detached' })
  await chat
    .getByRole('article')
    .filter({ hasText: `${name} Guest ·` })
    .waitFor()
  await close(viewer)
})

/** Send a tone from a source that is none for sound, or from the microphone; resolves when it is in the room or was refused. */
async function soundFrom(room: Room, source: TrackSource): Promise<void> {
  const sound = new AudioSource(48_000, 1)
  const track = LocalAudioTrack.createAudioTrack('sound', sound)
  const options = new TrackPublishOptions({ source })
  await within('a track for the sound', room.localParticipant!.publishTrack(track, options), 5_000)
  const tone = Int16Array.from({ length: 4_800 }, (_, index) => 12_000 * Math.sin((index * 2 * Math.PI * 440) / 48_000))
  const timer = setInterval(() => {
    if (!room.isConnected) clearInterval(timer)
    else sound.captureFrame(new AudioFrame(tone, 48_000, 1, 4_800)).catch(() => clearInterval(timer))
  }, 100)
}

test('sound that calls itself a camera is not played, also where the media server lets it through', {
  timeout: 90_000,
}, async (t) => {
  const { link } = await newMeeting(server)
  const viewer = await join(browser, link, 'Vera')
  const mallory = await headless(server, link, 'Mallory')
  t.after(() => mallory.stop())
  for (const source of [TrackSource.SOURCE_CAMERA, TrackSource.SOURCE_SCREENSHARE])
    await soundFrom(mallory.room!, source).catch(() => undefined)
  // After the others, so that those would have come before it.
  const grace = await headless(server, link, 'Grace')
  t.after(() => grace.stop())
  await soundFrom(grace.room!, TrackSource.SOURCE_MICROPHONE)
  await viewer.page.locator('audio').first().waitFor({ state: 'attached' })
  await tile(viewer, 'Grace').getByRole('img', { name: 'Muted' }).waitFor({ state: 'detached' })
  const pictures = await viewer.page.locator('video').evaluateAll((elements) => {
    const shown = elements as unknown as { srcObject: { getAudioTracks(): unknown[] } | null }[]
    return shown.filter(({ srcObject }) => (srcObject?.getAudioTracks().length ?? 0) > 0).length
  })
  assert.deepEqual({ sounds: await viewer.page.locator('audio').count(), pictures }, { sounds: 1, pictures: 0 })
  await close(viewer)
})
