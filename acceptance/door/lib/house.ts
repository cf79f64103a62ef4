import assert from 'node:assert/strict'
import { Graph, organizedBy } from '../../lib/graph.ts'
import { type Server, type StartOptions, sharedServer, startServer } from '../../lib/server.ts'
import { Visitor } from '../../people/lib/visitor.ts'
import { Person } from './person.ts'

/** A meeting as the tests need it. */
export interface TestMeeting {
  /** The 2018 id. */
  id: string
  threadId: string
  joinUrl: string
  code: string
}

/** A server with its demo people, and whoever a test brings to its doors. */
export class House {
  readonly server: Server
  readonly graph: Graph
  readonly people: Person[] = []
  readonly #signedIn: Map<string, Map<string, string>>

  private constructor(server: Server, graph: Graph, signedIn = new Map<string, Map<string, string>>()) {
    this.server = server
    this.graph = graph
    this.#signedIn = signedIn
  }

  /** The same server, for a test that goes on beside others and dismisses its own people only. */
  apart(): House {
    return new House(this.server, this.graph, this.#signedIn)
  }

  static async open(options: StartOptions = {}): Promise<House> {
    // DOOR_SETTINGS (JSON) puts the same tests on another media server: {"PARLEY_MEDIA_URL":…,"PARLEY_PORT":…}.
    const settings = JSON.parse(process.env.DOOR_SETTINGS ?? '{}') as Record<string, string>
    const server = await startServer({ ...options, env: { ...settings, ...options.env } })
    return new House(server, await Graph.of(server))
  }

  /** On the server that other tests use too. */
  static async shared(): Promise<House> {
    if (process.env.DOOR_SETTINGS !== undefined) return House.open()
    const server = await sharedServer()
    return new House(server, await Graph.of(server))
  }

  /** The same house after the server was ended and started again. */
  async restarted(server: Server): Promise<House> {
    return new House(server, await Graph.of(server))
  }

  async meeting(members: Record<string, unknown> = {}, attendees?: unknown): Promise<TestMeeting> {
    const now = Date.now()
    const created = await this.graph.create({
      subject: 'At the door',
      startDateTime: new Date(now - 600_000).toISOString(),
      endDateTime: new Date(now + 3_000_000).toISOString(),
      participants: organizedBy(this.server.dev.users[0]!.id, attendees),
      ...members,
    })
    const { threadId } = created.chatInfo as { threadId: string }
    const meeting = { id: String(created.id), threadId, joinUrl: String(created.joinUrl), code: '' }
    const guest = new Person(this.server)
    const seen = await guest.ask(threadId, 'Looks at the code')
    const { code, joinUrl } = seen.body.meeting as unknown as { code: { meetingId: string }; joinUrl: string }
    Object.assign(meeting, { code: code.meetingId, joinUrl })
    await guest.post('/api/door/leave')
    return meeting
  }

  async patch(meeting: TestMeeting, members: Record<string, unknown>): Promise<void> {
    const answer = await this.graph.send('PATCH', `/beta/app/onlineMeetings/${meeting.id}`, members)
    assert.ok(answer.status < 300, `${answer.status} ${answer.text}`)
  }

  person(): Person {
    const person = new Person(this.server)
    this.people.push(person)
    return person
  }

  /** A browser in which one of the demo's people is signed in. */
  async member(index: 0 | 1): Promise<Person> {
    const user = this.server.dev.users[index]!
    let cookies = this.#signedIn.get(user.id)
    if (cookies === undefined) {
      const visitor = new Visitor(this.server.url)
      await visitor.signIn(user)
      cookies = visitor.cookies
      assert.ok(
        [...cookies.keys()].some((name) => name.includes('session')),
        'signed in',
      )
      this.#signedIn.set(user.id, cookies)
    }
    const person = this.person()
    for (const [name, value] of cookies) if (name.includes('session')) person.cookies.set(name, value)
    return person
  }

  /** The organizer, in and listening. */
  async organizer(meeting: TestMeeting): Promise<Person> {
    const organizer = await this.member(0)
    const { body } = await organizer.ask(meeting.threadId, '')
    assert.equal(body.admission?.state, 'admitted')
    assert.equal(body.admission?.role, 'organizer')
    await organizer.listen()
    return organizer
  }

  /** A guest with a name, asking and listening. */
  async guest(meeting: TestMeeting, name: string): Promise<Person> {
    const guest = this.person()
    const { status, body } = await guest.ask(meeting.threadId, name)
    assert.equal(status, 201, JSON.stringify(body))
    await guest.listen()
    return guest
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.people.splice(0).map((person) => person.stop()))
  }

  async close(): Promise<void> {
    await this.dismiss()
    await this.server[Symbol.asyncDispose]()
  }
}
