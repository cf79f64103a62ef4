/** Sine tones summed, with short ramps so that they do not click. `level` is the peak of each, 0 to 1. */
export function tone(rate: number, milliseconds: number, frequencies: readonly number[], level = 0.2): Int16Array {
  const length = Math.round((rate * milliseconds) / 1000)
  const ramp = Math.min(length / 2, rate * 0.005)
  return Int16Array.from({ length }, (_, index) => {
    const edge = Math.min(1, (index + 1) / ramp, (length - index) / ramp)
    const sum = frequencies.reduce((total, frequency) => total + Math.sin((2 * Math.PI * frequency * index) / rate), 0)
    return Math.round(32_767 * level * edge * sum)
  })
}

/** Silence. */
export function silence(rate: number, milliseconds: number): Int16Array {
  return new Int16Array(Math.round((rate * milliseconds) / 1000))
}
