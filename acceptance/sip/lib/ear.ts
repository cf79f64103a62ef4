import type { BrowserContext } from 'playwright-core'
import type { Person } from '../../room/lib/browser.ts'

/** Give to `visit` as `prepare`: the page then knows the tones in the sound it receives. */
export const withEar = async (context: BrowserContext): Promise<void> => {
  await context.addInitScript(listen)
}

/** Wait until a tone is most of what some track of the page's peer connections sounds like, measured by WebAudio. */
export async function hearsTone({ page, name }: Person, frequency: number): Promise<void> {
  try {
    await page.waitForFunction((wanted) => (globalThis as unknown as Eared).toneShare(wanted) > 0.5, frequency)
  } catch (error) {
    const share = await page.evaluate((wanted) => (globalThis as unknown as Eared).toneShare(wanted), frequency)
    throw new Error(`${name} never heard ${frequency} Hz (share now ${share.toFixed(2)})`, { cause: error })
  }
}

/** The members of a page that are used here; this program has no DOM types. */
interface Eared {
  toneShare: (frequency: number) => number
  AudioContext: new () => {
    sampleRate: number
    createMediaStreamSource: (stream: unknown) => { connect: (node: unknown) => void }
    createAnalyser: () => Analyser
    resume: () => Promise<void>
  }
  MediaStream: new (tracks: unknown[]) => unknown
  RTCPeerConnection: new (
    ...given: unknown[]
  ) => { addEventListener: (name: 'track', heard: (event: { track: { kind: string } }) => void) => void }
}
interface Analyser {
  fftSize: number
  getFloatTimeDomainData: (into: Float32Array) => void
}

/** In the page, before its own scripts: an analyser on every track of sound that comes in. */
function listen(): void {
  const page = globalThis as unknown as Eared
  const analysers: Analyser[] = []
  let context: InstanceType<Eared['AudioContext']> | undefined
  const Original = page.RTCPeerConnection
  page.RTCPeerConnection = class extends Original {
    constructor(...given: unknown[]) {
      super(...given)
      this.addEventListener('track', ({ track }) => {
        if (track.kind !== 'audio') return
        context ??= new page.AudioContext()
        void context.resume()
        const analyser = context.createAnalyser()
        analyser.fftSize = 8_192
        context.createMediaStreamSource(new page.MediaStream([track])).connect(analyser)
        analysers.push(analyser)
      })
    }
  }
  // Goertzel's algorithm over the last sixth of a second of each track; the greatest share.
  page.toneShare = (frequency) => {
    let best = 0
    for (const analyser of analysers) {
      const sound = new Float32Array(analyser.fftSize)
      analyser.getFloatTimeDomainData(sound)
      const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / context!.sampleRate)
      let [previous, before, energy] = [0, 0, 0]
      for (const sample of sound) {
        energy += sample * sample
        const current = sample + coefficient * previous - before
        before = previous
        previous = current
      }
      const power = previous * previous + before * before - coefficient * previous * before
      if (energy > 1e-3) best = Math.max(best, (2 * power) / (energy * sound.length))
    }
    return best
  }
}
