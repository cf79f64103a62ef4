import { ConnectionError, Room, RoomEvent } from 'livekit-client'

/** The client tries several ways, each with its own patience; nobody waits longer than this (ms) for the verdict. */
const patience = 10_000

/** Connect to an empty room and leave it: tells a blocked media path from a blocked signalling socket. */
export async function tryMediaPath(url: string, token: string): Promise<'good' | 'signal' | 'path'> {
  const room = new Room()
  let signalled = false
  room.on(RoomEvent.SignalConnected, () => {
    signalled = true
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(ConnectionError.timeout('no way was found in time')), patience)
  })
  try {
    await Promise.race([
      room.connect(url, token, { maxRetries: 0, peerConnectionTimeout: patience, websocketTimeout: patience }),
      late,
    ])
    return 'good'
  } catch (error) {
    return signalled || !(error instanceof ConnectionError) ? 'path' : 'signal'
  } finally {
    clearTimeout(timer)
    await room.disconnect().catch(() => undefined)
  }
}
