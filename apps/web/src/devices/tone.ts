import { audioContext } from './audio-context.ts'

const tunes = { entry: [523.25, 659.25], exit: [659.25, 523.25], waiting: [587.33, 587.33], test: [440, 554.37, 659.25] }

/** Play a short, soft tune through the speakers: two notes up for somebody coming, down for going. */
export function playTone(tune: keyof typeof tunes, volume = 0.08): void {
  const context = audioContext()
  if (!context || context.state === 'closed') return
  tunes[tune].forEach((frequency, index) => {
    const start = context.currentTime + 0.02 + index * 0.16
    const note = context.createOscillator()
    const loudness = context.createGain()
    note.type = 'sine'
    note.frequency.value = frequency
    loudness.gain.setValueAtTime(0, start)
    loudness.gain.linearRampToValueAtTime(volume, start + 0.03)
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.35)
    note.connect(loudness).connect(context.destination)
    note.start(start)
    note.stop(start + 0.4)
  })
}
