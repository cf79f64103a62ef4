/** What a LiveKit token says of the room; the media server is who checks it. */
export interface Grants {
  room: string | undefined
  canPublish: boolean
}

/** Read the grants of a token without checking it: nothing known when it cannot be read. */
export function grantsOf(token: string): Grants {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const { room, canPublish } = (claims as { video?: { room?: unknown; canPublish?: unknown } }).video ?? {}
    return { room: typeof room === 'string' ? room : undefined, canPublish: canPublish !== false }
  } catch {
    return { room: undefined, canPublish: true }
  }
}
