// tier: full, 30 s, alone
// tier: release, 30 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Person } from './harness/browser.ts'
import { mediaSuite, modes, roomName } from './harness/suite.ts'
import { until } from './harness/until.ts'

const suite = mediaSuite()

/** Wait until the viewer decodes the track at that width. */
const width = (viewer: Person, sid: string, wanted: number) =>
  until(
    `${viewer.identity} to get ${wanted} px`,
    async () => {
      const before = await viewer.call('inbound', sid)
      return before.width === wanted && before.framesDecoded > 0 ? before : Promise.reject(new Error(`width ${before.width}`))
    },
    90_000,
  )

const layers = (publisher: Person, sid: string, active: boolean[]) =>
  until(
    `layers ${active} active`,
    async () => {
      const now = (await publisher.call('outbound', sid)).map((layer) => layer.active)
      return now.join() === active.join() ? now : Promise.reject(new Error(now.join()))
    },
    90_000,
  )

for (const { mode, single } of modes) {
  test(`each subscriber gets the layer it asks for, ${mode}`, async () => {
    const [ana, ben, eva] = await suite.lab.join(roomName(), ['ana', 'ben', 'eva'], { single })
    const sid = await ana!.call('camera')
    await ben!.track('ana', 'camera')
    await eva!.track('ana', 'camera')
    await width(ben!, sid, 640)
    // A busy machine freezes a picture now and then; a server that leaves a hole at a switch does every time.
    const freezes: number[] = []
    for (let round = 0; round < 3 && freezes.at(-1) !== 0; round++) {
      await ben!.call('quality', sid, 'low')
      await width(ben!, sid, 320)
      await width(eva!, sid, 640)
      const before = await ben!.watches(sid, 20)
      await ben!.call('quality', sid, 'high')
      await width(ben!, sid, 640)
      freezes.push((await ben!.watches(sid, 20)).freezes - before.freezes)
    }
    assert.equal(freezes.at(-1), 0, `switching layers froze the picture each time: ${freezes}`)
  })

  test(`adaptive stream follows the size of the tile and stops for a hidden one, ${mode}`, async () => {
    const room = roomName()
    const [ana] = await suite.lab.join(room, ['ana'], { single })
    const [ben] = await suite.lab.join(room, ['ben'], { single, adaptiveStream: true })
    const sid = await ana!.call('camera')
    await ben!.track('ana', 'camera')
    await ben!.call('tile', sid, 160, 90)
    await width(ben!, sid, 320)
    await ben!.call('tile', sid, 640, 360)
    await width(ben!, sid, 640)
    await ben!.call('tile', sid, 640, 360, false)
    await ben!.stops(sid)
    await ben!.call('tile', sid, 640, 360, true)
    await ben!.watches(sid, 10)
  })

  test(`disabling a track stops it, enabling it brings it back, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    const sid = await ana!.call('camera')
    await ben!.track('ana', 'camera')
    await ben!.watches(sid)
    await ben!.call('enable', sid, false)
    await ben!.stops(sid)
    await ben!.call('enable', sid, true)
    await ben!.watches(sid)
  })

  test(`dynacast pauses the layers nobody looks at, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single, dynacast: true })
    const sid = await ana!.call('camera')
    await ben!.track('ana', 'camera')
    await ben!.watches(sid)
    await layers(ana!, sid, [true, true])
    await ben!.call('quality', sid, 'low')
    await layers(ana!, sid, [false, true])
    await ben!.call('quality', sid, 'high')
    await layers(ana!, sid, [true, true])
    await width(ben!, sid, 640)
  })

  test(`720p arrives with three layers, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    const sid = await ana!.call('camera', { width: 1280, height: 720, frameRate: 15 })
    await ben!.track('ana', 'camera')
    await width(ben!, sid, 1280)
    await ben!.call('quality', sid, 'medium')
    await width(ben!, sid, 640)
    await ben!.call('quality', sid, 'low')
    await width(ben!, sid, 320)
  })

  test(`without simulcast one layer reaches everybody, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    const sid = await ana!.call('camera', { simulcast: false })
    await ben!.track('ana', 'camera')
    await width(ben!, sid, 640)
    await ben!.watches(sid, 20)
  })
}
