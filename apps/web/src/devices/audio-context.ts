let shared: AudioContext | null = null

/** The page's one audio context, or null where the browser has none. */
export function audioContext(): AudioContext | null {
  if (!globalThis.AudioContext) return null
  shared ??= new AudioContext()
  if (shared.state === 'suspended') void shared.resume().catch(() => undefined)
  return shared
}
