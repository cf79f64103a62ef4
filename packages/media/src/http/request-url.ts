import type { IncomingMessage } from 'node:http'

/** The address of a request, undefined when it is not one. */
export function urlOf(request: IncomingMessage): URL | undefined {
  const text = request.url ?? ''
  // LiveKit servers forgive a doubled slash, which careless joining of addresses makes.
  const path = text.startsWith('//') ? text.slice(1) : text
  return URL.canParse(path, 'http://media') ? new URL(path, 'http://media') : undefined
}
