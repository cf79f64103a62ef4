/** Thread ids end in `thread.skype` in the 2018 shape and in `thread.v2` today; the GUID inside is the same. */
export type ThreadSuffix = 'thread.skype' | 'thread.v2'

const guidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** `19:meeting_{base64 of the GUID's text}@{suffix}` (contract A.9, B.12). */
export function threadId(guid: string, suffix: ThreadSuffix): string {
  return `19:meeting_${Buffer.from(guid, 'ascii').toString('base64')}@${suffix}`
}

/** The GUID inside a meeting's thread id of either suffix, or undefined. */
export function threadGuidOf(thread: string): string | undefined {
  const match = /^19:meeting_([A-Za-z0-9+/=]{48})@thread\.(?:skype|v2)$/.exec(thread)
  const guid = match === null ? '' : Buffer.from(match[1]!, 'base64').toString('ascii')
  return guidForm.test(guid) ? guid : undefined
}

/** The link people open: thread percent-encoded, context in lower-case hexadecimal, as in contract A.9. */
export function joinUrl(
  origin: string,
  meeting: { threadGuid: string; tenantId: string; organizerId: string },
  suffix: ThreadSuffix,
): string {
  const thread = threadId(meeting.threadGuid, suffix).replace(':', '%3a').replace('@', '%40')
  const context = `%7b%22Tid%22%3a%22${meeting.tenantId}%22%2c%22Oid%22%3a%22${meeting.organizerId}%22%7d`
  return `${origin}/l/meetup-join/${thread}/0?context=${context}`
}

/** The page with the numbers, for a tenant's dial-in id and a passcode. */
export function dialinUrl(origin: string, dialinId: string, passcode: string): string {
  return `${origin}/dialin/${dialinId}?id=${passcode}`
}
