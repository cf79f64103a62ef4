/** What can be wrong with a camera, a microphone or a screen share; each has a sentence in the catalogue (`problem.<kind>.<problem>`). */
export type Problem = 'denied' | 'missing' | 'busy' | 'failed'

/** Name the reason behind an error of getUserMedia or getDisplayMedia (W3C Media Capture, 10.2). */
export function problemOf(error: unknown): Problem {
  const name = (error as { name?: string } | null)?.name ?? ''
  if (name === 'NotAllowedError' || name === 'SecurityError' || name === 'PermissionDeniedError') return 'denied'
  if (name === 'NotFoundError' || name === 'DevicesNotFoundError' || name === 'OverconstrainedError') return 'missing'
  if (name === 'NotReadableError' || name === 'AbortError' || name === 'TrackStartError') return 'busy'
  return 'failed'
}
