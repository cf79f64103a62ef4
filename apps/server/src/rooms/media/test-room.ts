import { randomBytes } from 'node:crypto'

/** Rooms in which one browser tries its way to the media server before joining. No meeting's id looks like this. */
const form = /^connection-test-([0-9a-z]{1,12})-[0-9a-f]{32}$/

/** A name nobody can guess, that tells when the room was made. */
export function newTestRoom(millis: number): string {
  return `connection-test-${millis.toString(36)}-${randomBytes(16).toString('hex')}`
}

/** When a test room was made, in milliseconds; undefined for every other room. */
export function testRoomMadeAt(room: string): number | undefined {
  const made = form.exec(room)?.[1]
  return made === undefined ? undefined : Number.parseInt(made, 36)
}
