// tier: release, 80 s, alone
// tier: release, 90 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { dispose } from '@livekit/rtc-node'
import type { Person } from './harness/browser.ts'
import { joinHeadless } from './harness/headless.ts'
import { target } from './harness/server.ts'
import { mediaSuite, modes, roomName } from './harness/suite.ts'
import { until } from './harness/until.ts'

const suite = mediaSuite()
// The headless client's threads would keep this process.
after(() => dispose())

/** Two people who see and hear each other. */
async function pair(single: boolean, room = roomName()): Promise<[Person, Person]> {
  const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
  const appear = async (person: Person) => {
    await person.call('camera', { width: 320, height: 180 })
    await person.call('microphone')
  }
  await Promise.all([appear(ana!), appear(ben!)])
  await together(ana!, ben!)
  return [ana!, ben!]
}

/** Each sees and hears the other now. A track may be replaced while we look, so look it up again until it holds. */
async function together(ana: Person, ben: Person): Promise<void> {
  const meets = (viewer: Person, other: Person) =>
    until(
      `${viewer.identity} to see and hear ${other.identity}`,
      async () => {
        await viewer.watches((await viewer.track(other.identity, 'camera', 3000)).sid, 10, 3000)
        await viewer.hears((await viewer.track(other.identity, 'microphone', 3000)).sid, 3000)
        return true
      },
      90_000,
    )
  await Promise.all([meets(ana, ben), meets(ben, ana)])
}

/** Data flows again. What is sent in the very moment of a reconnect may be lost on any server, so it is sent until it arrives. */
async function dataGoes(from: Person, to: Person): Promise<void> {
  const seen = (await to.call('events')).length
  await until(`data from ${from.identity} to reach ${to.identity}`, async () => {
    await from.call('send', 'still there', true)
    return (await to.call('events', seen)).some((event) => event.type === 'dataReceived' && event.identity === from.identity)
  })
}

for (const { mode, single } of modes) {
  test(`a lost signalling socket heals by itself, ${mode}`, async () => {
    const [ana, ben] = await pair(single)
    assert.ok((await ana.call('dropSocket')) > 0)
    await ana.event('reconnected', undefined, 0, 90_000)
    await together(ana, ben)
    await dataGoes(ana, ben)
    await dataGoes(ben, ana)
    assert.equal((await ben.call('people')).length, 1)
    await ben.call('leave')
    await ana.event('participantDisconnected', (event) => event.identity === 'ben')
  })

  test(`a full reconnect brings the tracks back, ${mode}`, async () => {
    const [ana, ben] = await pair(single)
    await ana.call('rehearse', 'full-reconnect')
    await ana.event('reconnected', undefined, 0, 90_000)
    await together(ana, ben)
    await dataGoes(ana, ben)
  })

  test(`a restart of the server brings everybody back, ${mode}`, { timeout: 300_000 }, async () => {
    const [ana, ben] = await pair(single)
    await suite.server.stop('SIGKILL')
    await ana.event('reconnecting', undefined, 0, 90_000)
    await suite.server.launch()
    await ana.event('reconnected', undefined, 0, 90_000)
    await ben.event('reconnected', undefined, 0, 90_000)
    await together(ana, ben)
    await dataGoes(ana, ben)
  })

  test(`an orderly restart brings everybody back, ${mode}`, {
    timeout: 300_000,
    skip: target === 'livekit' && 'livekit-server drains: it waits for the rooms to empty',
  }, async () => {
    const [ana, ben] = await pair(single)
    await suite.server.stop()
    await suite.server.launch()
    await ana.event('reconnected', undefined, 0, 90_000)
    await ben.event('reconnected', undefined, 0, 90_000)
    await together(ana, ben)
  })

  test(`a media worker that dies takes only its rooms, which come back, ${mode}`, {
    timeout: 300_000,
    skip: target === 'livekit' && 'livekit-server has no worker threads',
  }, async () => {
    const [lucky, hit] = await differentWorkers()
    const [eva, leo] = await suite.lab.join(lucky, ['eva', 'leo'], { single })
    await eva!.call('camera', { width: 320, height: 180, frameRate: 10 })
    await leo!.watches((await leo!.track('eva', 'camera')).sid)
    const [ana, ben] = await pair(single, hit)
    const answer = await hook('kill-worker', { room: hit })
    assert.equal(answer.status, 200)
    await ana.event('reconnected', undefined, 0, 90_000)
    await ben.event('reconnected', undefined, 0, 90_000)
    await together(ana, ben)
    // Whoever shows tracks by their events, as applications do, must have been told of the new ones.
    for (const [viewer, other] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      const told = await viewer.call('events')
      const heard = (await viewer.track(other.identity, 'microphone')).sid
      assert.ok(
        told.some(({ type, sid }) => type === 'trackSubscribed' && sid === heard),
        `${viewer.identity} was not told of ${heard}`,
      )
    }
    await leo!.watches((await leo!.track('eva', 'camera')).sid)
    const troubled = (await leo!.call('events')).filter((event) => /reconnect|disconnected/i.test(event.type))
    assert.deepEqual(troubled, [], 'the room of another worker noticed nothing')
  })
}

const hook = (name: string, body: unknown) =>
  fetch(`${suite.server.httpUrl}/test/${name}`, { method: 'POST', body: JSON.stringify(body) })

/** Two room names which live on different workers, as the hook tells; any two when it does not. */
async function differentWorkers(): Promise<[string, string]> {
  const first = roomName('worker')
  await suite.server.rooms.createRoom({ name: first, emptyTimeout: 60 })
  const of = async (room: string) => ((await (await hook('worker-of', { room })).json()) as { worker: number }).worker
  const home = await of(first)
  for (let tries = 0; tries < 20; tries++) {
    const other = roomName('worker')
    await suite.server.rooms.createRoom({ name: other, emptyTimeout: 60 })
    if ((await of(other)) !== home) return [first, other]
  }
  throw new Error('all rooms are on one worker')
}

test('100 quick joins and leaves disturb nobody and leave nothing behind', { timeout: 300_000 }, async () => {
  const room = roomName()
  const [ana, ben] = await pair(true, room)
  const started = (await ben.call('events')).length
  let next = 0
  const visitor = async () => {
    for (let n = next++; n < 100; n = next++) {
      const client = await joinHeadless(suite.server, `visitor-${n}`, room)
      await client.disconnect()
    }
  }
  await Promise.all(Array.from({ length: 4 }, visitor))
  await until('only two people to be left', async () => {
    const left = await suite.server.rooms.listParticipants(room)
    return left.length === 2 || Promise.reject(new Error(left.map((entry) => entry.identity).join()))
  })
  await until('ben to see only ana', async () => (await ben.call('people')).length === 1)
  await together(ana, ben)
  const troubled = (await ben.call('events', started)).filter((event) => /reconnecting|^disconnected/.test(event.type))
  assert.deepEqual(troubled, [])
  assert.equal(suite.hooks.of(room).filter((event) => event.event === 'participant_joined').length, 102)
})
