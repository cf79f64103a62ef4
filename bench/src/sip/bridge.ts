import { randomBytes } from 'node:crypto'
import { AccessToken } from 'livekit-server-sdk'
import { MediaServer } from '../../../packages/media/rig/server.ts'
import { connectLivekit } from '../../../packages/sip/src/bridge/livekit.ts'
import type { RoomLeg } from '../../../packages/sip/src/bridge/room.ts'
import { MediaClock } from '../../../packages/sip/src/media/clock.ts'
import { tone } from '../../../packages/sip/src/media/tone.ts'

/** What telephone legs in one LiveKit room cost this process: all join through rtc-node, one speaks. */
export async function measureBridge(count: number, seconds: number): Promise<string> {
  const media = await MediaServer.start()
  const room = randomBytes(6).toString('hex')
  const clock = new MediaClock()
  const legs: RoomLeg[] = []
  try {
    for (let index = 0; index < count; index++) {
      const access = new AccessToken(media.keys.key, media.keys.secret, { identity: `phone-${index}` })
      access.addGrant({ roomJoin: true, room })
      legs.push(await connectLivekit(media.url, await access.toJwt(), 8_000, { muted() {}, others() {}, lost() {} }))
    }
    const [voice, silence] = [tone(8_000, 20, [600], 0.3), new Int16Array(160)]
    let heard = 0
    const leave = clock.join(() => {
      legs.forEach((leg, index) => {
        leg.speak(index === 0 ? voice : silence)
        if (leg.hear()) heard++
      })
    })
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    heard = 0
    clock.takeLateness()
    const [before, at] = [process.cpuUsage(), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
    const used = process.cpuUsage(before)
    const cores = (used.user + used.system) / 1_000 / (performance.now() - at)
    leave()
    const share = (heard / ((count - 1) * seconds * 50)) * 100
    return `bridge, ${count} rtc-node legs in one room: ${(cores * 100).toFixed(0)} % of a core, ${(count / cores).toFixed(0)} legs a core; ${share.toFixed(0)} % of frames heard; latest beat ${clock.takeLateness().toFixed(0)} ms; ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`
  } finally {
    await Promise.all(legs.map((leg) => leg.close()))
    await media.stop()
  }
}
