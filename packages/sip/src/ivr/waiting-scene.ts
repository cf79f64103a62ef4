import type { Phrase } from './prompts.ts'
import type { Scene, SceneEnd } from './scene.ts'
import { holdSound } from './tones.ts'
import { type AdmittedVisit, say } from './visit.ts'

const reminderMs = 40_000

/** In the lobby: a phrase, a gentle sound, a reminder now and then; star nine leaves. */
export function wait(visit: AdmittedVisit, why: 'lobby' | 'organizer', end: (why: SceneEnd) => void): Scene {
  let stopped = false
  const phrase: Phrase = why === 'lobby' ? 'waiting-lobby' : 'waiting-organizer'
  const sound = async () => {
    await say(visit, [phrase])
    let since = performance.now()
    while (!stopped && !visit.gone.aborted) {
      await visit.line.play([holdSound])
      if (stopped || performance.now() - since < reminderMs) continue
      since = performance.now()
      await say(visit, ['still-waiting'])
    }
  }
  const keys = async () => {
    for (let last = ''; !stopped && !visit.gone.aborted; ) {
      const key = await visit.keypad.next(60_000)
      if (last === '*' && key === '9') end('left')
      last = key ?? ''
    }
  }
  void sound()
  void keys()
  return {
    async stop() {
      stopped = true
      visit.keypad.cancel()
      visit.line.stop()
    },
  }
}
