// tier: release, 30 s, alone
// Before joining: what the connection test says, and that people come in with whatever they have.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext } from 'playwright-core'
import { type Server, startServer } from '../lib/server.ts'
import {
  accessible,
  askToJoin,
  close,
  inCall,
  join,
  openBrowser,
  type Person,
  picture,
  plainHost,
  seen,
  tile,
  visit,
} from './lib/browser.ts'
import { newMeeting } from './lib/meeting.ts'
import { freeUdpPort, Relay } from './lib/relay.ts'

let server: Server
let relay: Relay
let browser: Browser
let link: string
let host: Person
before(async () => {
  const port = await freeUdpPort()
  server = await startServer({ env: { PARLEY_MEDIA_PORT: String(port) } })
  relay = await Relay.before(port)
  browser = await openBrowser()
  link = (await newMeeting(server)).link
  host = await join(browser, link, 'Grace')
})
after(async () => {
  await browser?.close()
  relay?.close()
  await server?.[Symbol.asyncDispose]()
})

/** Run the test on the page and give its list, once it has ended with this sentence. */
async function tested({ page }: Person, verdict: string): Promise<string[]> {
  await page.getByRole('button', { name: 'Test my connection' }).click()
  const section = page.getByRole('region', { name: 'Connection test' })
  await section.getByText(verdict).waitFor()
  return section.getByRole('listitem').allTextContents()
}

const good = 'Everything works. You are ready to join.'
const usable = 'You can join; see what to mind below.'
const bad = 'Something is blocked; see what to do below.'

test('everything works: each part is said, and no trace of the test stays', { timeout: 300_000 }, async () => {
  const ada = await visit(browser, link, 'Ada')
  const lines = await tested(ada, good)
  assert.deepEqual(
    lines.map((line) => line.replace(/\d+/, 'n')),
    [
      'Secure page',
      'The browser can make calls',
      'The server answers (n ms)',
      'Camera works',
      'Microphone works',
      'The browser can send sound and video (UDP)',
      'Sound and video reach the server',
    ],
  )
  await accessible(ada, 'a good connection test')
  await picture(ada, 'test-good')
  assert.equal(await host.page.getByText(/tester/).count(), 0)
  await askToJoin(ada)
  await inCall(ada)
  await seen(host, 'Ada')
  await close(ada)
})

test('a firewall that drops UDP is told from a server that is down', { timeout: 300_000 }, async () => {
  relay.loss = 1
  const ada = await visit(browser, link, 'Ada', { prepare: (context) => relay.carry(context) })
  const lines = await tested(ada, bad)
  assert.match(
    lines.at(-1)!,
    /^The server answers, but sound and video do not reach it: a firewall blocks UDP\. Try another network/,
  )
  await accessible(ada, 'a blocked connection test')
  await picture(ada, 'test-firewall')
  await askToJoin(ada)
  await ada.page.getByText('sound and video do not get through: a firewall may block UDP. Still trying').waitFor()
  await accessible(ada, 'a call without a way for media')
  await picture(ada, 'call-no-path')
  relay.loss = 0
  await seen(ada, 'Grace')
  await ada.page.getByText('Still trying').waitFor({ state: 'detached' })
  await ada.page.route('**/api/door/connection-test', (route) => route.fulfill({ status: 429, body: '{}' }))
  await ada.page.getByRole('button', { name: 'Leave' }).click()
  await ada.page.getByRole('button', { name: 'Rejoin' }).click()
  assert.match((await tested(ada, usable)).at(-1)!, /too many tests from here/)
  await close(ada)
})

test('a camera another program has, a microphone that breaks: said, with what to do, and they do not stop anybody', {
  timeout: 300_000,
}, async () => {
  const prepare = async (context: BrowserContext) => {
    await context.addInitScript(() => {
      const page = globalThis as unknown as {
        DOMException: new (message: string, name: string) => Error
        taken: boolean
        navigator: { mediaDevices: { getUserMedia: (asked: { video?: unknown }) => Promise<unknown> } }
      }
      const devices = page.navigator.mediaDevices
      const real = devices.getUserMedia.bind(devices)
      page.taken = true
      devices.getUserMedia = (asked) =>
        page.taken && asked.video
          ? Promise.reject(new page.DOMException('Could not start video source', 'NotReadableError'))
          : real(asked)
    })
  }
  const ada = await visit(browser, link, 'Ada', { prepare })
  const said = 'The camera is in use by another program. Close that program, then try again.'
  await ada.page.getByRole('region', { name: 'Devices' }).getByText(said).waitFor()
  assert.ok((await tested(ada, usable)).includes(said))
  await accessible(ada, 'a camera in use')
  await picture(ada, 'test-camera-in-use')
  await ada.page.evaluate('taken = false')
  await ada.page.getByRole('region', { name: 'Devices' }).getByRole('button', { name: 'Try again' }).click()
  await ada.page.getByRole('button', { name: 'Turn camera off' }).waitFor()
  await askToJoin(ada)
  await seen(host, 'Ada')
  await close(ada)
})

test('a page that is not secure: said at once, and one can still watch and listen', { timeout: 300_000 }, async () => {
  const plain = new URL(link)
  plain.hostname = plainHost
  const ada = await visit(browser, plain.href, 'Ada')
  await ada.page.getByText('This page was not opened over a secure connection (https)').first().waitFor()
  const lines = await tested(ada, bad)
  assert.match(lines[0]!, /so the browser gives it no camera or microphone\. Ask for the https address/)
  assert.equal(lines.at(-1), 'Sound and video reach the server')
  await accessible(ada, 'a page that is not secure')
  await picture(ada, 'test-insecure')
  await askToJoin(ada)
  await seen(ada, 'Grace')
  await tile(host, 'Ada').getByRole('img', { name: 'Muted' }).waitFor()
  await close(ada)
})

test('permission denied, and a browser that may not use UDP', { timeout: 300_000 }, async () => {
  const strict = await openBrowser({ ask: true, udp: false })
  try {
    const ada = await visit(strict, link, 'Ada')
    await ada.page.getByText('The camera is blocked for this page. Allow it with the icon').waitFor()
    await ada.page.getByText('The microphone is blocked for this page.').waitFor()
    const lines = await tested(ada, bad)
    assert.match(lines.at(-1)!, /^The browser has no way out for sound and video \(UDP is switched off by a policy/)
    await accessible(ada, 'devices that are not allowed')
    await picture(ada, 'test-denied')
    await close(ada)
  } finally {
    await strict.close()
  }
})

test('no camera and no microphone: said in words, and one joins all the same', { timeout: 300_000 }, async () => {
  const bare = await openBrowser({ devices: false })
  try {
    const ada = await visit(bare, link, 'Ada')
    await ada.page.getByText('No camera was found').waitFor()
    await ada.page.getByText('No microphone was found').waitFor()
    const lines = await tested(ada, usable)
    assert.equal(lines.at(-1), 'Sound and video reach the server')
    await accessible(ada, 'the page before joining without devices')
    await picture(ada, 'test-no-devices')
    await askToJoin(ada)
    await inCall(ada)
    await seen(ada, 'Grace')
    await tile(host, 'Ada').getByRole('img', { name: 'Muted' }).waitFor()
    await picture(ada, 'call-no-devices')
    await close(ada)
  } finally {
    await bare.close()
  }
})

test('the token of the test opens a room of one’s own for seconds, sends nothing, and is not given without end', {
  timeout: 300_000,
}, async () => {
  const ask = (headers: Record<string, string> = { 'x-parley-csrf': '1' }) =>
    fetch(`${server.url}/api/door/connection-test`, { method: 'POST', headers })
  const foreign = await ask({})
  assert.equal(foreign.status, 403)
  assert.equal(((await foreign.json()) as { error: { code: string } }).error.code, 'CsrfHeaderMissing')
  const claims = async () => {
    const { token } = (await (await ask()).json()) as { token: string }
    return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
      exp: number
      video: Record<string, unknown>
    }
  }
  const [one, other] = [await claims(), await claims()]
  assert.notEqual(one.video.room, other.video.room)
  assert.ok(one.exp <= Date.now() / 1000 + 31)
  const { roomJoin, canPublish, canPublishData, roomAdmin, roomList } = one.video
  assert.deepEqual([roomJoin, canPublish, canPublishData, roomAdmin, roomList], [true, false, false, undefined, undefined])
  let refused: Response | undefined
  for (let n = 0; n < 80 && refused === undefined; n += 1) {
    const answer = await ask()
    if (answer.status === 429) refused = answer
  }
  assert.ok(Number(refused?.headers.get('retry-after')) >= 1)
})
