import assert from 'node:assert/strict'
import { Person } from '../../door/lib/person.ts'
import { type Source, sendFrom } from '../../door/lib/sender.ts'
import type { Server } from '../../lib/server.ts'

/**
 * Somebody in the meeting with LiveKit's headless client, sending what is asked; leaves with `stop`. `cookies` are those of a
 * browser in which somebody signed in.
 */
export async function headless(
  server: Server,
  link: string,
  name: string,
  sends: Source[] = [],
  cookies: ReadonlyMap<string, string> = new Map(),
): Promise<Person> {
  const person = new Person(server)
  for (const [key, value] of cookies) person.cookies.set(key, value)
  const threadId = decodeURIComponent(new URL(link).pathname.split('/')[3] ?? '')
  const { status, body } = await person.ask(threadId, name)
  assert.equal(status, 201, JSON.stringify(body))
  const room = await person.enter()
  for (const source of sends) await sendFrom(room, source)
  return person
}
