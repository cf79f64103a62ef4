import { ConnectionError, Room, RoomEvent } from 'livekit-client'

/** Connect to an empty room and leave it: tells a blocked media path from a blocked signalling socket. */
export async function tryMediaPath(url: string, token: string): Promise<'good' | 'signal' | 'path'> {
  const room = new Room()
  let signalled = false
  room.on(RoomEvent.SignalConnected, () => {
    signalled = true
  })
  try {
    await room.connect(url, token, { maxRetries: 0, peerConnectionTimeout: 8000, websocketTimeout: 8000 })
    return 'good'
  } catch (error) {
    return signalled || !(error instanceof ConnectionError) ? 'path' : 'signal'
  } finally {
    await room.disconnect().catch(() => undefined)
  }
}
