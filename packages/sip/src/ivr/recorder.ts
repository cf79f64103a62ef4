import type { Line } from '../media/line.ts'
import type { Clip } from '../media/pcm.ts'
import { concatPcm, frameMs, levelOf } from '../media/pcm.ts'
import { Resampler } from '../media/resample.ts'
import type { Keypad } from './keypad.ts'

const mostMs = 5_000
const pauseFrames = 60
const speechLevel = -42

/** Record the caller for up to five seconds, until hash or a pause after speech. Nothing when nobody spoke. */
export async function record(line: Line, keypad: Keypad): Promise<Clip | undefined> {
  const frames: Int16Array[] = []
  let lastLoud = -1
  let firstLoud = -1
  const before = line.onHeard
  const enough = new Promise<void>((resolve) => {
    line.onHeard = (pcm) => {
      if (frames.length * frameMs >= mostMs) return
      frames.push(pcm.slice())
      if (levelOf(pcm) > speechLevel) {
        lastLoud = frames.length
        if (firstLoud < 0) firstLoud = frames.length - 1
      }
      const paused = lastLoud > 0 && frames.length - lastLoud > pauseFrames
      if (paused || frames.length * frameMs >= mostMs) resolve()
    }
  })
  await Promise.race([enough, keypad.next(mostMs)])
  keypad.cancel()
  line.onHeard = before
  if (firstLoud < 0) return undefined
  const spoken = concatPcm(frames.slice(Math.max(0, firstLoud - 5), lastLoud + 5))
  return line.rate === 8_000 ? spoken : new Resampler(line.rate, 8_000).process(spoken)
}
