import { concatPcm } from '../media/pcm.ts'
import { silence, tone } from '../media/tone.ts'

const rate = 8_000

/** Someone came in: two rising notes. */
export const entryTone = concatPcm([tone(rate, 120, [587], 0.12), tone(rate, 180, [880], 0.12)])
/** Someone left: two falling notes. */
export const exitTone = concatPcm([tone(rate, 120, [880], 0.12), tone(rate, 180, [587], 0.12)])
/** Speak now. */
export const beep = tone(rate, 250, [1_000], 0.15)
/** Waiting: a soft chord every six seconds. */
export const holdSound = concatPcm([tone(rate, 350, [392, 494], 0.035), tone(rate, 350, [440, 554], 0.035), silence(rate, 5_300)])
