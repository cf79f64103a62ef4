import { useEffect, useState } from 'react'
import { audioContext } from './audio-context.ts'

/** The loudness of a track, 0 to 1, about ten times a second; 0 without a track. */
export function useLevel(track: MediaStreamTrack | null): number {
  const [level, setLevel] = useState(0)
  useEffect(() => {
    setLevel(0)
    const context = track && audioContext()
    if (!track || !context) return
    const source = context.createMediaStreamSource(new MediaStream([track]))
    const meter = context.createAnalyser()
    meter.fftSize = 1024
    source.connect(meter)
    const samples = new Float32Array(meter.fftSize)
    const timer = setInterval(() => {
      if (context.state === 'suspended') void context.resume().catch(() => undefined)
      meter.getFloatTimeDomainData(samples)
      let sum = 0
      for (const sample of samples) sum += sample * sample
      const decibels = 10 * Math.log10(sum / samples.length + 1e-10)
      // -60 dB is a quiet room, -10 dB a loud voice.
      setLevel(Math.max(0, Math.min(1, (decibels + 60) / 50)))
    }, 100)
    return () => {
      clearInterval(timer)
      source.disconnect()
    }
  }, [track])
  return level
}
