import { type Extension, extensions } from '../config/extensions.ts'

/** Which of our additions a request may use: those the server has on, and those its `Parley-Extensions` header names. */
export function askedExtensions(
  headers: Readonly<Record<string, string | undefined>>,
  always: ReadonlySet<Extension>,
): ReadonlySet<Extension> {
  const header = headers['parley-extensions']
  if (header === undefined) return always
  const named = header.split(',').map((name) => name.trim().toLowerCase())
  return new Set([...always, ...extensions.filter((each) => named.includes(each))])
}
