import { after } from 'node:test'
import { dispose, Room } from '@livekit/rtc-node'

const rooms = new Set<Room>()

/**
 * A room of LiveKit's headless client, not connected yet. Its threads keep a process alive and work for all rooms alike, so
 * they are ended once, when the last test of the process is over, and with them whoever is in a room still.
 */
export function headlessRoom(): Room {
  const room = new Room()
  rooms.add(room)
  return room
}

after(async () => {
  await Promise.allSettled([...rooms].map((room) => room.disconnect()))
  await dispose()
})
