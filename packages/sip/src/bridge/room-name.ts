/** The room a LiveKit token is for, without checking the token, which is the media server's to do; nothing when it does not say. */
export function roomOf(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const room = (claims as { video?: { room?: unknown } }).video?.room
    return typeof room === 'string' ? room : undefined
  } catch {
    return undefined
  }
}
