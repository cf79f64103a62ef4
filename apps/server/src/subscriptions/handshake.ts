import { randomUUID } from 'node:crypto'
import { AddressError } from './address.ts'
import { type Post, PostError } from './post.ts'

const timeoutMs = 10_000

/**
 * Ask an address whether it wants notifications: it must answer 200, text/plain, with the token of the query, within ten
 * seconds (contract B.17). Returns what was wrong, in words, or undefined.
 */
export async function shakeHands(
  post: Post,
  url: string,
  options: { allowPrivate: boolean; minTls: 'TLSv1.2' | 'TLSv1.3' },
): Promise<string | undefined> {
  // Blanks and signs, so that an endpoint which does not decode the query is found out.
  const token = `Validation: does this address answer? Request-Id: ${randomUUID()}`
  const address = new URL(url)
  const query = `validationToken=${encodeURIComponent(token)}`
  address.search = address.search === '' ? query : `${address.search}&${query}`
  try {
    const answer = await post({
      ...{ url: address.href, contentType: 'text/plain; charset=utf-8', body: '', timeoutMs, ...options },
    })
    if (answer.status !== 200)
      return `Notification endpoint must respond with 200 OK to validation request. It responded with ${answer.status}.`
    if (!/^text\/plain\b/i.test(answer.contentType)) return 'The response must have the content type text/plain.'
    if (answer.body.trimEnd() !== token) return 'Response must exactly match validationToken query parameter.'
    return undefined
  } catch (error) {
    if (error instanceof AddressError) return `The address ${error.message}.`
    if (error instanceof PostError)
      return error.message === 'no answer in time'
        ? 'Subscription validation request timed out.'
        : `The notification endpoint could not be reached (${error.message}).`
    throw error
  }
}
