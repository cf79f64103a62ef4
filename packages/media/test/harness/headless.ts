import { Room } from '@livekit/rtc-node'
import { token as makeToken, type token } from './keys.ts'
import type { MediaServer } from './server.ts'

/** Join with LiveKit's own headless client. */
export async function joinHeadless(
  server: MediaServer,
  identity: string,
  room: string,
  grants: Parameters<typeof token>[3] = {},
): Promise<Room> {
  const client = new Room()
  const options = { autoSubscribe: true, dynacast: false }
  await client.connect(server.url, await makeToken(server.keys, identity, room, grants), options)
  return client
}
