import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Sine tones summed, 16-bit mono; `level` is the peak of each, 0 to 1. */
export function tone(rate: number, milliseconds: number, frequencies: readonly number[], level = 0.3): Int16Array {
  return Int16Array.from({ length: Math.round((rate * milliseconds) / 1000) }, (_, index) =>
    Math.round(
      32_767 * level * frequencies.reduce((sum, frequency) => sum + Math.sin((2 * Math.PI * frequency * index) / rate), 0),
    ),
  )
}

/** Write 16-bit mono sound as a WAV; the file goes when the process does. */
function wavFile(pcm: Int16Array, rate: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-sound-'))
  folders.push(folder)
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + pcm.length * 2, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(pcm.length * 2, 40)
  const path = join(folder, 'sound.wav')
  writeFileSync(path, Buffer.concat([header, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)]))
  return path
}

const toneFiles = new Map<string, string>()

/** A WAV of one tone for some seconds. */
export function toneFile(frequency: number, seconds: number, rate = 8_000): string {
  const key = `${frequency} ${seconds} ${rate}`
  const path = toneFiles.get(key) ?? wavFile(tone(rate, seconds * 1000, [frequency]), rate)
  toneFiles.set(key, path)
  return path
}

/** A WAV of one tone that comes and goes five times in two seconds: what takes a steady tone for noise leaves it. */
export function pulseFile(frequency: number, seconds: number, rate = 48_000): string {
  const sound = tone(rate, seconds * 1000, [frequency], 0.2)
  return wavFile(
    sound.map((sample, index) => (((index * 5) / rate) % 2 < 1 ? sample : 0)),
    rate,
  )
}

const rows = [697, 770, 852, 941]
const columns = [1209, 1336, 1477, 1633]
const keys = '123A456B789C*0#D'

/** A WAV of keys as a telephone sounds them (ITU-T Q.23), after some milliseconds of silence. */
export function keysFile(pressed: string, silenceMs: number, seconds = 60): string {
  const rate = 8_000
  const sound = new Int16Array(seconds * rate)
  let at = (silenceMs * rate) / 1000
  for (const key of pressed) {
    const index = keys.indexOf(key)
    sound.set(tone(rate, 120, [rows[index >> 2]!, columns[index & 3]!], 0.25), at)
    at += rate * 0.24
  }
  return wavFile(sound, rate)
}

/** Share of some sound's energy at one frequency: 1 for a pure tone, 0 for silence (Goertzel's algorithm). */
export function toneShare(pcm: Int16Array, frequency: number, rate: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / rate)
  let [previous, before, energy] = [0, 0, 0]
  for (const sample of pcm) {
    energy += sample * sample
    const current = sample + coefficient * previous - before
    before = previous
    previous = current
  }
  const power = previous * previous + before * before - coefficient * previous * before
  return energy === 0 ? 0 : (2 * power) / (energy * pcm.length)
}

/** The greatest share of a tone in any tenth of a second of some sound. */
export function shareOf(pcm: Int16Array, frequency: number, rate: number): number {
  const block = rate / 10
  let best = 0
  for (let start = 0; start + block <= pcm.length; start += block)
    best = Math.max(best, toneShare(pcm.subarray(start, start + block), frequency, rate))
  return best
}

/** Whether a tone is in some sound at all, however often the machine made it stop: steadiness is not what is asked. */
export function isHeard(pcm: Int16Array, frequency: number, rate: number): boolean {
  return shareOf(pcm, frequency, rate) > 0.15
}

/** How much of some sound's time a tone can be heard in, as a share of pieces of so many seconds. */
export function presenceOf(pcm: Int16Array, frequency: number, rate: number, piece = 0.1, share = 0.15): number {
  const block = rate * piece
  let [heard, all] = [0, 0]
  for (let start = 0; start + block <= pcm.length; start += block, all++)
    if (toneShare(pcm.subarray(start, start + block), frequency, rate) > share) heard += 1
  return all === 0 ? 0 : heard / all
}
