import type { WaitReason } from '../door.ts'
import { type AdmittedSession, say } from './call-session.ts'
import type { CallStage, StageEnd } from './call-stage.ts'
import { holdSound } from './tones.ts'

const reminderMs = 40_000

/** In the lobby: why, a gentle sound, a reminder now and then; star nine leaves. */
export function wait(session: AdmittedSession, why: WaitReason, end: (why: StageEnd) => void): CallStage {
  let stopped = false
  const sound = async () => {
    await say(session, [`waiting-${why}`])
    let since = performance.now()
    while (!stopped && !session.gone.aborted) {
      await session.line.play([holdSound])
      if (stopped || performance.now() - since < reminderMs) continue
      since = performance.now()
      await say(session, ['still-waiting'])
    }
  }
  const keys = async () => {
    for (let last = ''; !stopped && !session.gone.aborted; ) {
      const key = await session.keypad.next(60_000)
      if (last === '*' && key === '9') end('left')
      last = key ?? ''
    }
  }
  void sound()
  void keys()
  return {
    async stop() {
      stopped = true
      session.keypad.cancel()
      session.line.stop()
    },
  }
}
