import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Phone } from './phone.ts'

const folder = join(import.meta.dirname, '../../packages/sip/prompts')
const waitMs = 90_000
/** Compared at 4 kHz, which is enough of a voice and a quarter of the work. */
const thinning = 2
const rate = 8_000 / thinning
const piece = rate * 0.7
/** Phrases begin alike; what tells them apart comes within the first seconds. */
const earliest = rate * 0.7
const latest = rate * 3
const margin = rate * 0.2
const alike = 0.6

/** What a recorded phrase sounds like, decoded from its file (G.711 µ-law, RFC 3551). */
function phraseSound(lang: 'en' | 'es', phrase: string): Int16Array {
  const wav = readFileSync(join(folder, lang, `${phrase}.wav`))
  const data = wav.subarray(wav.indexOf('data', 12, 'latin1') + 8)
  return Int16Array.from(data, (byte) => {
    const value = ~byte & 0xff
    const size = ((((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84
    return value & 0x80 ? -size : size
  })
}

/** Every second sample, of two summed: the sound at 4 kHz. */
function thin(pcm: Int16Array): Int16Array {
  return Int16Array.from(
    { length: Math.floor(pcm.length / thinning) },
    (_, index) => (pcm[index * 2]! + pcm[index * 2 + 1]!) >> 1,
  )
}

/** The loudest 700 ms of a phrase's first seconds, less of a short one: what is looked for. */
function mark(sound: Int16Array): Int16Array {
  const thinned = thin(sound)
  const size = Math.min(piece, Math.floor(thinned.length * 0.55))
  let [best, most] = [0, -1]
  const from = Math.max(0, Math.min(earliest, thinned.length - size - margin))
  for (let start = from; start + size <= Math.min(latest, thinned.length); start += 100) {
    const energy = energyOf(thinned.subarray(start, start + size))
    if (energy > most) [best, most] = [start, energy]
  }
  return thinned.subarray(best, best + size)
}

function energyOf(pcm: Int16Array): number {
  let energy = 0
  for (const sample of pcm) energy += sample ** 2
  return energy
}

/** How alike some sound is to a mark where it is most so: 1 for the same, whatever the loudness. */
function likeness(pcm: Int16Array, sought: Int16Array): number {
  const { length } = sought
  const own = energyOf(sought)
  let best = 0
  let energy = pcm.length < length ? 0 : energyOf(pcm.subarray(0, length))
  for (let start = 0; start + length <= pcm.length; start++) {
    let sum = 0
    for (let index = 0; index < length; index++) sum += pcm[start + index]! * sought[index]!
    if (energy > 0 && sum > 0) best = Math.max(best, sum / Math.sqrt(own * energy))
    energy += (pcm[start + length] ?? 0) ** 2 - pcm[start]! ** 2
  }
  return best
}

/** Wait until a phone has been told a phrase of the dial-in, by comparing what it recorded with the phrase's file. */
export function told(phone: Phone, phrase: string, lang: 'en' | 'es' = 'en', from = 0): Promise<void> {
  return heardSound(phone, phraseSound(lang, phrase), `"${phrase}"`, from)
}

/** Wait until some sound, at 8 kHz, is in what a phone recorded from a place on. */
async function heardSound(phone: Phone, sound: Int16Array, what: string, from = 0): Promise<void> {
  const sought = mark(sound)
  const deadline = Date.now() + waitMs
  let [searched, best] = [from, 0]
  for (;;) {
    const { pcm } = await phone.heard()
    if (pcm.length - searched >= sought.length * thinning) {
      best = Math.max(best, likeness(thin(pcm.subarray(searched)), sought))
      if (best > alike) return
      searched = pcm.length - sought.length * thinning
    }
    if (Date.now() > deadline) throw new Error(`the phone was never told ${what} (likeness ${best.toFixed(2)})`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** How far a phone's recording is, to look for what it is told later. */
export async function now(phone: Phone): Promise<number> {
  return (await phone.heard()).pcm.length
}
