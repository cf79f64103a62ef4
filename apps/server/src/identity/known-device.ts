import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { User } from './directory.ts'

/** People who share a browser; the one who signed in longest ago is forgotten first. */
const maxPeople = 5
const entryForm = /^([\w-]{16})\.([\w-]{43})$/

/** Seconds a browser stays known: 400 days, the most browsers keep. */
export const deviceLifetime = 400 * 86_400

/**
 * The id of a device on which this person has signed in, from its cookie; undefined for any other. It holds until the
 * next change of password, for the seal is made with the hash of the present one, so that nothing needs to be stored.
 */
export function knownDevice(cookie: string | undefined, user: User): string | undefined {
  for (const entry of entriesOf(cookie)) {
    const [, id, seal] = entryForm.exec(entry)!
    const [expected, actual] = [Buffer.from(sealOf(id!, user)), Buffer.from(seal!)]
    if (expected.length === actual.length && timingSafeEqual(expected, actual)) return id
  }
  return undefined
}

/** The cookie's new value after this person has signed in with their password on the device that sent the old one. */
export function rememberDevice(cookie: string | undefined, user: User): string {
  const id = knownDevice(cookie, user) ?? randomBytes(12).toString('base64url')
  const own = `${id}.${sealOf(id, user)}`
  return [own, ...entriesOf(cookie).filter((entry) => entry !== own)].slice(0, maxPeople).join('~')
}

function entriesOf(cookie: string | undefined): string[] {
  return (cookie ?? '').split('~', maxPeople).filter((entry) => entryForm.test(entry))
}

function sealOf(id: string, user: User): string {
  return createHmac('sha256', user.passwordHash ?? randomBytes(32))
    .update(`parley device ${user.id} ${id}`)
    .digest('base64url')
}
