import assert from 'node:assert/strict'
import { parley } from '../../../lib/cli.ts'
import { Visitor } from '../../../people/lib/visitor.ts'
import { House, type TestMeeting } from '../house.ts'
import type { AdmissionView, Answer, Person } from '../person.ts'

/** Somebody of the tables: who they are, and what they send besides the name. */
export interface Who {
  who: string
  person(): Promise<Person>
  more?(meeting: CastMeeting): Record<string, unknown>
  headers?(): Record<string, string>
}

export interface CastMeeting extends TestMeeting {
  /** Id of today's contract. */
  graphId: string
  /** Token of the outsider's personal link. */
  invitation: string
  organizer: Person
  /** How to call in. */
  dialin: { passcode: string; sip: string }
}

const ways = {
  link: ({ threadId }: TestMeeting) => ({ link: { threadId, messageId: '0' } }),
  'code and passcode': ({ code, passcode }: TestMeeting & { passcode?: string | undefined }) => ({
    code: { meetingId: code, passcode },
  }),
}
export type WayName = keyof typeof ways
export const wayNames = Object.keys(ways) as WayName[]

const outsider = 'olivia@elsewhere.example'

/** A server, the people of the access tables, and the meetings they come to. */
export class Cast {
  readonly house: House
  readonly colleague = { upn: 'carl@parley.example', password: '' }
  readonly invited = { upn: 'ivy@parley.example', password: '' }
  readonly presenter = { upn: 'petra@parley.example', password: '' }
  readonly foreigner = { upn: 'fred@foreign.example', password: '' }
  readonly #cookies = new Map<string, Promise<[string, string][]>>()
  readonly who: Who[]

  private constructor(house: House) {
    this.house = house
    const guest = async () => house.person()
    this.who = [
      { who: 'organizer', person: () => this.signedIn(this.organizer) },
      { who: 'coorganizer', person: () => this.signedIn(this.coorganizer) },
      { who: 'invited colleague', person: () => this.signedIn(this.invited) },
      { who: 'colleague', person: () => this.signedIn(this.colleague) },
      { who: 'person of another tenant', person: () => this.signedIn(this.foreigner) },
      { who: 'invited outsider (personal link)', person: guest, more: ({ invitation }) => ({ invitation }) },
      { who: 'guest', person: guest },
      {
        who: 'application of the tenant (bearer token)',
        person: guest,
        headers: () => ({ authorization: `Bearer ${house.graph.token}` }),
      },
    ]
  }

  static async open(): Promise<Cast> {
    const house = await House.open({ env: { PARLEY_SIP_PORT: '0', PARLEY_DIALIN_LEADER: '1' } })
    const cast = new Cast(house)
    const ok = async (...args: string[]) => {
      const { code, stdout, stderr } = await parley(house.server, ...args, '--json')
      assert.equal(code, 0, stderr)
      return JSON.parse(stdout) as { password: string }
    }
    await ok('tenant', 'create', '--domain', 'foreign.example', '--name', 'Foreign')
    const people = [cast.colleague, cast.invited, cast.presenter, cast.foreigner]
    await Promise.all(
      people.map(async (person) => {
        const tenant = person.upn.split('@')[1]!
        const made = await ok('user', 'create', '--upn', person.upn, '--name', person.upn, '--tenant', tenant, '--password')
        person.password = made.password
      }),
    )
    return cast
  }

  get organizer() {
    return this.house.server.dev.users[0]!
  }

  get coorganizer() {
    return this.house.server.dev.users[1]!
  }

  get attendees() {
    return [
      { identity: { user: { id: this.coorganizer.id } }, upn: this.coorganizer.upn, role: 'coorganizer' },
      { upn: this.presenter.upn, role: 'presenter' },
      { upn: this.invited.upn, role: 'attendee' },
      { upn: outsider, role: 'attendee' },
    ]
  }

  /** Somebody in a browser of their own, signed in. */
  async signedIn(user: { upn: string; password: string }): Promise<Person> {
    const person = this.house.person()
    for (const [name, value] of await this.cookiesOf(user)) person.cookies.set(name, value)
    return person
  }

  cookiesOf(user: { upn: string; password: string }): Promise<[string, string][]> {
    const cookies = this.#cookies.get(user.upn) ?? this.#signIn(user)
    this.#cookies.set(user.upn, cookies)
    return cookies
  }

  async #signIn(user: { upn: string; password: string }): Promise<[string, string][]> {
    const visitor = new Visitor(this.house.server.url)
    await visitor.signIn(user)
    const cookies = [...visitor.cookies].filter(([name]) => name.includes('session'))
    assert.equal(cookies.length, 1, `${user.upn} is signed in`)
    return cookies
  }

  /** A meeting with everybody's parts in it, and its organizer in the media room. */
  async meeting(members: Record<string, unknown> = {}): Promise<CastMeeting> {
    const { house } = this
    const made = await house.meeting({ accessLevel: 'everyone', ...members }, this.attendees)
    const base = `/v1.0/users/${this.organizer.id}/onlineMeetings`
    const filter = encodeURIComponent(`JoinWebUrl eq '${made.joinUrl}'`)
    const found = await house.graph.send('GET', `${base}?$filter=${filter}`)
    const graphId = (found.body.value as { id: string }[])[0]!.id
    const organizer = await this.signedIn(this.organizer)
    const meeting = { ...made, graphId, organizer }
    // The contract of 2018 has no roles; today's gives them.
    await this.patch(meeting, { participants: { attendees: this.attendees } })
    const { body } = await organizer.ask(meeting.threadId, '')
    assert.equal(body.admission?.role, 'organizer')
    await organizer.listen()
    await organizer.enter()
    const { invitations } = (await organizer.send('GET', '/api/room/invitations')).body as {
      invitations: { address: string; link: string }[]
    }
    assert.deepEqual(
      invitations.map(({ address }) => address),
      [outsider],
    )
    const { dialin } = body.meeting as unknown as { dialin: { passcode: string; sip: string } }
    return { ...meeting, dialin, invitation: new URL(invitations[0]!.link).searchParams.get('invitation')! }
  }

  /** Change a meeting by today's contract. */
  async patch({ graphId }: Pick<CastMeeting, 'graphId'>, members: Record<string, unknown>): Promise<void> {
    const path = `/v1.0/users/${this.organizer.id}/onlineMeetings/${encodeURIComponent(graphId)}`
    const answer = await this.house.graph.send('PATCH', path, members)
    assert.equal(answer.status, 200, answer.text)
  }

  /** Ask as somebody of the tables; the answer's state, and why or as what. */
  async ask(each: Who, person: Person, meeting: CastMeeting, way: WayName): Promise<Answer & { admission: AdmissionView }> {
    const body = { ...ways[way](meeting), name: each.who, ...each.more?.(meeting) }
    person.admission = undefined
    const answer = await person.send('POST', '/api/door/ask', body, each.headers?.() ?? {})
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    person.admission = answer.body.admission
    person.media = answer.body.media
    return { ...answer, admission: answer.body.admission! }
  }
}
