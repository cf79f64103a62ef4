import { Lab } from '../../../packages/media/test/harness/browser.ts'
import type { MediaServer } from '../../../packages/media/test/harness/server.ts'

/** Milliseconds from connect() to the first remote frame drawn, in a real browser, once a round; sorted. */
export async function firstFrames(server: MediaServer, rounds: number, single: boolean): Promise<number[]> {
  const lab = await Lab.open(server)
  try {
    const room = `first-${single ? 'one' : 'two'}-${process.pid}`
    const [host] = await lab.join(room, ['host'], { single })
    const sid = await host!.call('camera')
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const guest = await lab.person(`guest-${round}`)
      const started = guest.call('firstFrame')
      await guest.enter(room, { single })
      times.push(await started)
      await guest.watches(sid, 1)
      await guest.call('leave')
      await guest.page.close()
    }
    return times.sort((a, b) => a - b)
  } finally {
    await lab.close()
  }
}
