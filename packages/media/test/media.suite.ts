// tier: quick, 40 s, alone
// tier: release, 40 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Person } from './harness/browser.ts'
import { mediaSuite, modes, roomName } from './harness/suite.ts'

const suite = mediaSuite()

for (const { mode, single } of modes) {
  test(`two people see and hear each other, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    for (const person of [ana!, ben!]) {
      await person.call('camera')
      await person.call('microphone')
    }
    for (const [viewer, other] of [
      [ana!, ben!],
      [ben!, ana!],
    ] as const) {
      const camera = await viewer.track(other.identity, 'camera')
      const stats = await viewer.watches(camera.sid)
      assert.equal(stats.mimeType, 'video/VP8')
      const microphone = await viewer.track(other.identity, 'microphone')
      assert.equal((await viewer.hears(microphone.sid)).mimeType.toLowerCase().startsWith('audio/'), true)
    }
  })

  test(`somebody who joins late gets what is already there, ${mode}`, async () => {
    const room = roomName()
    const [ana] = await suite.lab.join(room, ['ana'], { single })
    await ana!.call('camera')
    await ana!.call('microphone')
    const [late] = await suite.lab.join(room, ['late'], { single })
    await late!.watches((await late!.track('ana', 'camera')).sid)
    await late!.hears((await late!.track('ana', 'microphone')).sid)
  })

  test(`screen share with audio beside the camera, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    await ana!.call('camera')
    await ana!.call('screen')
    await ben!.watches((await ben!.track('ana', 'screen_share')).sid, 3)
    await ben!.watches((await ben!.track('ana', 'camera')).sid, 3)
    const audio = await ben!.track('ana', 'screen_share_audio')
    await ben!.hears(audio.sid)
  })

  test(`mute and unmute reach the others, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    const camera = await ana!.call('camera')
    const microphone = await ana!.call('microphone')
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
    for (const sid of [microphone, camera]) {
      await ana!.call('mute', sid)
      await ben!.event('trackMuted', (event) => event.sid === sid)
      await ben!.sees('ana', ({ tracks }) => tracks.some((track) => track.sid === sid && track.muted))
      await ana!.call('unmute', sid)
      await ben!.event('trackUnmuted', (event) => event.sid === sid)
    }
    await ben!.watches(camera)
    await ben!.hears(microphone)
  })

  test(`unpublish takes the track away, and publishing again brings it back, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    for (let round = 0; round < 3; round++) {
      const sid = await ana!.call('camera')
      await ben!.watches((await ben!.track('ana', 'camera')).sid)
      await ana!.call('unpublish', sid)
      await ben!.event('trackUnpublished', (event) => event.sid === sid)
      await ben!.sees('ana', ({ tracks }) => tracks.length === 0)
    }
  })

  for (const codec of ['h264', 'vp9']) {
    test(`a publisher that asks for ${codec} sends ${codec}, ${mode}`, async () => {
      const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
      await ana!.call('camera', { codec, simulcast: codec === 'h264' })
      const stats = await ben!.watches((await ben!.track('ana', 'camera')).sid)
      assert.equal(stats.mimeType.toLowerCase(), `video/${codec}`)
    })
  }

  test(`four people, everybody sees and hears everybody, ${mode}`, async () => {
    const people = await suite.lab.join(roomName(), ['ana', 'ben', 'eva', 'leo'], { single })
    await Promise.all(people.map((person) => person.call('camera', { width: 320, height: 180, frameRate: 10 })))
    await Promise.all(people.map((person) => person.call('microphone')))
    const meets = async (viewer: Person, other: Person) => {
      await viewer.watches((await viewer.track(other.identity, 'camera')).sid, 5)
      await viewer.hears((await viewer.track(other.identity, 'microphone')).sid)
    }
    await Promise.all(people.flatMap((viewer) => people.filter((other) => other !== viewer).map((other) => meets(viewer, other))))
  })
}
