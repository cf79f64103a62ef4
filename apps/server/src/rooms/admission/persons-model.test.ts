import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { nobody, TestTenant } from '../../../test/test-tenant.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { Admission, Role } from './admission.ts'
import type { Proof } from './policy.ts'

/** Written down, so that every run tries the same. */
const seed = 20_181_224

/**
 * Humans with several ways in: an account, a personal link, a telephone with or without its number, and no proof at all,
 * from their own browser or a private window. The door sees ways; what moderators decide is about humans.
 */
const waysOf = {
  colleague: ['account', 'guest', 'withheld'],
  outsider: ['invitation', 'guest'],
  guest: ['guest'],
  caller: ['phone', 'withheld', 'guest'],
} as const
type Kind = keyof typeof waysOf
type Way = 'account' | 'invitation' | 'guest' | 'phone' | 'withheld'
const kinds = Object.keys(waysOf) as Kind[]
const browsers = ['home', 'work', 'private'] as const
type Browser = (typeof browsers)[number]

interface Human {
  kind: Kind
  number: number
}
const nameOf = ({ kind, number }: Human) => `${kind}${number}`

interface Visit {
  human: Human
  way: Way
  /** What the door can recognise, the surest first. */
  keys: string[]
  admission: Admission
}

interface Real {
  house: TestTenant
  meeting: Meeting
}

class Model {
  readonly visits: Visit[] = []
  /** Humans who were sent out for good, whom nobody has let in again. */
  readonly sentOut = new Set<string>()
  /** By what those are recognised. */
  readonly keptOut = new Set<string>()
  /** Roles given, by what the door recognises. */
  readonly roles = new Map<string, Role>()
  private = 0
}

function proofOf({ house }: Real, human: Human, way: Way): { proof: Proof; number?: string } {
  const { kind, number } = human
  if (way === 'account') return { proof: house.userProof(`id-${kind}-${number}`, `${kind}${number}@house.example`) }
  if (way === 'invitation') return { proof: { ...nobody, invitedAs: `out${number}@else.example` } }
  if (way === 'guest') return { proof: nobody }
  return { proof: { ...nobody, phone: { isLeader: false } }, number: way === 'phone' ? `+3460000000${number}` : '' }
}

const ranks: Role[] = ['attendee', 'presenter', 'coorganizer', 'organizer']
const actorOf = ({ meeting }: Real) => ({ id: 'actor', name: 'Olga', meetingId: meeting.id })

abstract class Command implements fc.AsyncCommand<Model, Real> {
  check(_model: Readonly<Model>): boolean {
    return true
  }
  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real)
    for (const visit of model.visits) visit.admission = (await real.house.store.find(visit.admission.id))!.admission
    for (const { human, keys, admission } of model.visits) {
      const role = model.roles.get(keys[0]!)
      if (role !== undefined && admission.state === 'admitted')
        assert.equal(admission.role, role, `${nameOf(human)} has another role`)
    }
  }
  abstract act(model: Model, real: Real): Promise<void>
  abstract toString(): string
}

class Ask extends Command {
  readonly human: Human
  readonly way: Way
  readonly browser: Browser
  constructor(human: Human, way: number, browser: Browser) {
    super()
    this.human = human
    const ways = waysOf[human.kind]
    this.way = ways[way % ways.length]!
    this.browser = browser
  }
  async act(model: Model, real: Real) {
    const { human, way, browser } = this
    const isPhone = way === 'phone' || way === 'withheld'
    const device = browser === 'private' ? `private-${model.private++}` : `${nameOf(human)}-${browser}`
    const { proof, number } = proofOf(real, human, way)
    const more = isPhone ? { number: number! } : { device }
    const { admission } = await real.house.ask(real.meeting, proof, more)
    const sure = way === 'account' || way === 'invitation' || way === 'phone' ? [`${way} ${nameOf(human)}`] : []
    const keys = isPhone ? sure : [...sure, `device ${device}`]
    const visit = { human, way, keys, admission }
    // Who proves for the first time who they are, where nothing tells of the one sent out, is somebody else to everybody.
    const isAnother = (way === 'account' || way === 'invitation') && !keys.some((key) => model.keptOut.has(key))
    if (model.sentOut.has(nameOf(human)) && !isAnother)
      assert.notEqual(admission.state, 'admitted', `${nameOf(human)}, sent out for good, came in by ${way} (${browser})`)
    model.visits.push(visit)
  }
  toString = () => `ask(${nameOf(this.human)} by ${this.way}, ${this.browser})`
}

/** Acts upon one of those who are in some state. */
abstract class Upon extends Command {
  readonly pick: number
  abstract readonly state: Admission['state']
  constructor(pick: number) {
    super()
    this.pick = pick
  }
  override check(model: Readonly<Model>): boolean {
    return model.visits.some(({ admission }) => admission.state === this.state)
  }
  who(model: Model): Visit {
    const all = model.visits.filter(({ admission }) => admission.state === this.state)
    return all[this.pick % all.length]!
  }
}

class Remove extends Upon {
  readonly state = 'admitted'
  async act(model: Model, real: Real) {
    const { human, keys, admission } = this.who(model)
    for (const key of keys) model.keptOut.add(key)
    await real.house.door.remove(actorOf(real), admission, false)
    model.sentOut.add(nameOf(human))
  }
  toString = () => `remove(${this.pick})`
}

class SetRole extends Upon {
  readonly state = 'admitted'
  readonly role: Role
  constructor(pick: number, role: Role) {
    super(pick)
    this.role = role
  }
  async act(model: Model, real: Real) {
    const { keys, admission } = this.who(model)
    await real.house.door.setRole(admission, this.role)
    // Power belongs to what proves most; having none goes with everything that is theirs.
    for (const key of this.role === 'attendee' ? keys : keys.slice(0, 1)) model.roles.set(key, this.role)
  }
  toString = () => `setRole(${this.pick}, ${this.role})`
}

/** Somebody who waits is let in by a person, who has seen them. */
class Admit extends Upon {
  readonly state = 'waiting'
  async act(model: Model, real: Real) {
    const { human, admission } = this.who(model)
    await real.house.door.admit(actorOf(real), admission.id)
    model.sentOut.delete(nameOf(human))
  }
  toString = () => `admit(${this.pick})`
}

class Leave extends Upon {
  readonly state = 'admitted'
  async act(model: Model, real: Real) {
    await real.house.door.leave(this.who(model).admission)
  }
  toString = () => `leave(${this.pick})`
}

/** The organizer lets those nobody knows in again; with them, perhaps, whoever was sent out. */
class Lift extends Command {
  async act(model: Model, real: Real) {
    await real.house.door.setLock(real.meeting.id, false)
    model.sentOut.clear()
  }
  toString = () => 'lift'
}

/** The meeting is changed, and everybody's part in it looked at again. */
class Change extends Command {
  async act(_model: Model, real: Real) {
    await real.house.meetings.update(real.meeting.id, { subject: `${Math.random()}` })
    await real.house.door.refresh(real.meeting.id)
  }
  toString = () => 'change'
}

class Pass extends Command {
  async act(_model: Model, real: Real) {
    real.house.clock.at += 20 * 60_000
  }
  toString = () => 'pass'
}

const houses: TestTenant[] = []
after(() => Promise.all(houses.map((house) => house.close())))

const human = fc.record({ kind: fc.constantFrom(...kinds), number: fc.nat(1) })
const ask = fc.tuple(human, fc.nat(2), fc.constantFrom(...browsers)).map(([who, way, browser]) => new Ask(who, way, browser))
const pick = fc.nat(10)
const commands = [
  ...[ask, ask, ask],
  pick.map((n) => new Remove(n)),
  fc.tuple(pick, fc.constantFrom(...ranks.slice(0, 3))).map(([n, role]) => new SetRole(n, role)),
  pick.map((n) => new Admit(n)),
  pick.map((n) => new Leave(n)),
  fc.constant(new Lift()),
  fc.constant(new Change()),
  fc.constant(new Pass()),
]

test('what is decided of a human holds for all their ways in', async () => {
  const house = await TestTenant.open()
  houses.push(house)
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: 'max' }), async (steps) => {
      const attendees = [0, 1].map((number) => ({ identity: null, upn: `out${number}@else.example` }))
      const meeting = await house.meeting({ accessLevel: 'everyone', attendees })
      await fc.asyncModelRun(() => ({ model: new Model(), real: { house, meeting } }), steps)
    }),
    { seed, numRuns: Number(process.env.DOOR_RUNS ?? 60) },
  )
})
