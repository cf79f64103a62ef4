/** What a LiveKit token says of the room; the media server is who checks it. */
export interface Grants {
  room: string | undefined
  /** Whether a microphone may be published. */
  canSpeak: boolean
}

/** Read the grants of a token without checking it: nothing known when it cannot be read. */
export function grantsOf(token: string): Grants {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const { room, canPublish, canPublishSources: sources } = (claims as { video?: Record<string, unknown> }).video ?? {}
    // No list, and an empty one, stand for every source.
    const microphone = !Array.isArray(sources) || sources.length === 0 || sources.includes('microphone')
    return { room: typeof room === 'string' ? room : undefined, canSpeak: canPublish !== false && microphone }
  } catch {
    return { room: undefined, canSpeak: true }
  }
}
