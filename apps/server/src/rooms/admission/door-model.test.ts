import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { nobody, TestTenant } from '../../../test/test-tenant.ts'
import { addMillis } from '../../common/instant.ts'
import type { AccessLevel, Attendee, Meeting } from '../../meetings/meeting.ts'
import { Sweeper } from '../sweeper.ts'
import type { Admission, AdmissionState } from './admission.ts'
import { DoorError } from './door-error.ts'

/** Written down, so that every run tries the same. */
const seed = 20_181_224

const minute = 60_000
const openingMinutes = 30
/** A newcomer is a guest in a browser nobody has seen: perhaps a cleared one. */
const kinds = ['organizer', 'coorganizer', 'colleague', 'invitedOutsider', 'guest', 'newcomer', 'caller'] as const
type Kind = (typeof kinds)[number]
const levels = ['everyone', 'sameEnterprise', 'invited', 'locked'] as const satisfies AccessLevel[]

interface Person {
  kind: Kind
  /** Which of several humans of the kind; they share nothing. */
  number: number
  state: AdmissionState
  id: string
  secret: string
}

/** What should be, kept by the simplest bookkeeping that could be right. */
class Model {
  level: (typeof levels)[number]
  dialInBypass: boolean
  lock: boolean | null = null
  cancelled = false
  heldAt: number | null = null
  now = 0
  readonly startAt: number
  readonly expiresAt: number
  readonly people: Person[] = []
  readonly keptOut = new Set<string>()

  constructor(level: (typeof levels)[number], dialInBypass: boolean, times: { now: number; startAt: number; expiresAt: number }) {
    this.level = level
    this.dialInBypass = dialInBypass
    this.now = times.now
    this.startAt = times.startAt
    this.expiresAt = times.expiresAt
  }

  get closed(): boolean {
    return this.cancelled || this.now >= this.expiresAt
  }

  passes(kind: Kind): boolean {
    if (kind === 'organizer' || kind === 'coorganizer') return true
    if (this.lock === true) return false
    const byLevel = {
      everyone: true,
      sameEnterprise: kind === 'colleague',
      invited: kind === 'invitedOutsider',
      locked: false,
    }[this.level]
    const byTelephone = kind === 'caller' && this.dialInBypass && this.level !== 'locked'
    if (!byLevel && !byTelephone) return false
    const isHeld = this.heldAt !== null && this.now - this.heldAt < 24 * 60 * minute
    if (isHeld && (kind === 'guest' || kind === 'newcomer' || kind === 'caller')) return false
    const isOpen = this.now >= this.startAt - openingMinutes * minute
    return (
      isOpen ||
      this.people.some(({ kind: other, state }) => state === 'admitted' && (other === 'organizer' || other === 'coorganizer'))
    )
  }

  /** Whoever waits and need not comes in; with them, perhaps, others. */
  settle(): void {
    if (this.closed) {
      for (const person of this.people) if (isLive(person)) person.state = 'expired'
      return
    }
    for (let moved = true; moved; ) {
      moved = false
      for (const person of this.people)
        if (person.state === 'waiting' && this.passes(person.kind)) {
          person.state = 'admitted'
          moved = true
        }
    }
  }
}

const isLive = ({ state }: Pick<Person, 'state'>) => state === 'waiting' || state === 'admitted'
const nameOf = ({ kind, number }: Pick<Person, 'kind' | 'number'>) =>
  `${kind}${kind === 'organizer' || kind === 'colleague' ? '' : number}`

interface Real {
  house: TestTenant
  meeting: Meeting
}

const attendees: Attendee[] = [
  { identity: null, upn: 'cora0@house.example', role: 'coorganizer' },
  { identity: null, upn: 'cora1@house.example', role: 'coorganizer' },
  { identity: null, upn: 'out0@else.example' },
  { identity: null, upn: 'out1@else.example' },
]

function askOf({ house, meeting }: Real, kind: Kind, number: number) {
  switch (kind) {
    case 'organizer':
      return house.ask(meeting, house.organizer)
    case 'coorganizer':
      return house.ask(meeting, house.userProof(`cora-${number}`, `cora${number}@house.example`))
    case 'colleague':
      return house.ask(meeting, house.colleague)
    case 'invitedOutsider':
      return house.ask(meeting, { ...nobody, invitedAs: `out${number}@else.example` })
    case 'caller':
      return house.ask(meeting, { ...nobody, phone: { isLeader: false } }, { number: `+3460000000${number}` })
    case 'newcomer':
    case 'guest':
      return house.ask(meeting, nobody, { device: `${kind}-${number}` })
  }
}

async function fresh(house: TestTenant, id: string): Promise<Admission> {
  return (await house.store.find(id))!.admission
}

/** The database says what the model says, and a media token is to be had by those who are in, and by nobody else. */
async function check(model: Model, real: Real): Promise<void> {
  for (const person of model.people) {
    const admission = await real.house.door.authenticate(person.id, person.secret)
    assert.equal(admission.state, person.state, `${nameOf(person)} is ${admission.state}, should be ${person.state}`)
    const entered = await real.house.door.meetingOfAdmitted(admission).then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof DoorError)
        return false
      },
    )
    assert.equal(entered, person.state === 'admitted')
  }
}

async function refuses(code: string | RegExp, work: Promise<unknown>): Promise<void> {
  await assert.rejects(
    work,
    (error) => error instanceof DoorError && (typeof code === 'string' ? error.code === code : code.test(error.code)),
  )
}

type Step = fc.AsyncCommand<Model, Real>

abstract class Command implements Step {
  check(_model: Readonly<Model>): boolean {
    return true
  }
  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real)
    model.settle()
    await check(model, real)
  }
  abstract act(model: Model, real: Real): Promise<void>
  abstract toString(): string
}

class AskIn extends Command {
  readonly kind: Kind
  readonly number: number
  constructor(kind: Kind, number: number) {
    super()
    this.kind = kind
    this.number = number
  }
  async act(model: Model, real: Real) {
    const number = this.kind === 'newcomer' ? model.people.length : this.number
    const asking = askOf(real, this.kind, number)
    // The meeting handed in is as old as the run: what it says is never what decides. It may only name the other reason.
    if (model.closed) return refuses(/^Meeting(Cancelled|Expired)$/, asking)
    const { admission, secret } = await asking
    const key = nameOf({ kind: this.kind, number })
    const state = model.keptOut.has(key) ? 'denied' : model.passes(this.kind) ? 'admitted' : 'waiting'
    // A browser waits once: what an older tab of it left behind goes.
    if (state === 'waiting' && (this.kind === 'guest' || this.kind === 'newcomer'))
      for (const other of model.people) if (nameOf(other) === key && other.state === 'waiting') other.state = 'left'
    model.people.push({ kind: this.kind, number, state, id: admission.id, secret })
  }
  toString = () => `ask(${this.kind} ${this.number})`
}

/** Acts upon one of those who came so far. */
abstract class Upon extends Command {
  readonly pick: number
  constructor(pick: number) {
    super()
    this.pick = pick
  }
  override check(model: Readonly<Model>): boolean {
    return model.people.length > 0
  }
  who(model: Model): Person {
    return model.people[this.pick % model.people.length]!
  }
}

const actorOf = ({ meeting }: Real) => ({ id: 'actor', name: 'Olga', meetingId: meeting.id })

class Settle extends Upon {
  readonly decision: 'admit' | 'deny'
  constructor(pick: number, decision: 'admit' | 'deny') {
    super(pick)
    this.decision = decision
  }
  async act(model: Model, real: Real) {
    const person = this.who(model)
    const work = real.house.door[this.decision](actorOf(real), person.id)
    if (person.state !== 'waiting') return refuses('AlreadyDecided', work)
    await work
    person.state = this.decision === 'admit' ? 'admitted' : 'denied'
  }
  toString = () => `${this.decision}(${this.pick})`
}

/** Two people decide at the same moment: one decides, the other learns how. */
class TwoAdmitters extends Upon {
  override check(model: Readonly<Model>): boolean {
    return model.people.some(({ state }) => state === 'waiting')
  }
  async act(model: Model, real: Real) {
    const waiting = model.people.filter(({ state }) => state === 'waiting')
    const person = waiting[this.pick % waiting.length]!
    const { door } = real.house
    const outcomes = await Promise.allSettled([door.admit(actorOf(real), person.id), door.deny(actorOf(real), person.id)])
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    person.state = outcomes[0].status === 'fulfilled' ? 'admitted' : 'denied'
  }
  toString = () => `twoAdmitters(${this.pick})`
}

class AdmitAll extends Command {
  async act(model: Model, real: Real) {
    const work = real.house.door.admitAll(actorOf(real))
    if (model.closed) return refuses(model.cancelled ? 'MeetingCancelled' : 'MeetingExpired', work)
    await work
    for (const person of model.people) if (person.state === 'waiting') person.state = 'admitted'
  }
  toString = () => 'admitAll'
}

class Remove extends Upon {
  readonly mayReturn: boolean
  constructor(pick: number, mayReturn: boolean) {
    super(pick)
    this.mayReturn = mayReturn
  }
  override check(model: Readonly<Model>): boolean {
    return model.people.some(({ state }) => state === 'admitted')
  }
  async act(model: Model, real: Real) {
    const admitted = model.people.filter(({ state }) => state === 'admitted')
    const person = admitted[this.pick % admitted.length]!
    await real.house.door.remove(actorOf(real), await fresh(real.house, person.id), this.mayReturn)
    person.state = 'removed'
    if (this.mayReturn) return
    model.keptOut.add(nameOf(person))
    model.heldAt = model.now
    for (const other of model.people)
      if (nameOf(other) === nameOf(person) && isLive(other)) other.state = other.state === 'admitted' ? 'removed' : 'denied'
  }
  toString = () => `remove(${this.pick}, ${this.mayReturn ? 'may return' : 'for good'})`
}

class Leave extends Upon {
  async act(model: Model, real: Real) {
    const person = this.who(model)
    await real.house.door.leave({ id: person.id, meetingId: real.meeting.id })
    if (isLive(person)) person.state = 'left'
  }
  toString = () => `leave(${this.pick})`
}

class SetLock extends Command {
  readonly locked: boolean
  constructor(locked: boolean) {
    super()
    this.locked = locked
  }
  async act(model: Model, real: Real) {
    await real.house.door.setLock(real.meeting.id, this.locked)
    model.lock = this.locked
    if (!this.locked) model.heldAt = null
  }
  toString = () => (this.locked ? 'lock' : 'unlock')
}

class Change extends Command {
  readonly change: { accessLevel?: (typeof levels)[number]; cancelled?: boolean }
  constructor(change: { accessLevel?: (typeof levels)[number]; cancelled?: boolean }) {
    super()
    this.change = change
  }
  async act(model: Model, real: Real) {
    await real.house.meetings.update(real.meeting.id, this.change)
    await real.house.door.refresh(real.meeting.id)
    if (this.change.accessLevel !== undefined && this.change.accessLevel !== model.level) {
      model.level = this.change.accessLevel
      model.lock = null
      model.heldAt = null
    }
    if (this.change.cancelled !== undefined) model.cancelled = this.change.cancelled
  }
  toString = () => `change(${JSON.stringify(this.change)})`
}

class Pass extends Command {
  readonly minutes: number
  constructor(minutes: number) {
    super()
    this.minutes = minutes
  }
  async act(model: Model, real: Real) {
    real.house.clock.at += this.minutes * minute
    model.now = real.house.clock.at
    await lifeCycleOf(real.house).tick()
  }
  toString = () => `pass(${this.minutes} min)`
}

class Crash extends Command {
  async act(_model: Model, real: Real) {
    real.house.restart()
    await lifeCycleOf(real.house).tick()
  }
  toString = () => 'crash'
}

/** Come back with another's secret: nothing opens. */
class Swap extends Upon {
  override check(model: Readonly<Model>): boolean {
    return model.people.length > 1
  }
  async act(model: Model, real: Real) {
    const person = this.who(model)
    const other = model.people.find(({ id }) => id !== person.id)!
    await refuses('AdmissionRequired', real.house.door.authenticate(person.id, other.secret))
  }
  toString = () => `swap(${this.pick})`
}

function lifeCycleOf({ db, clock, store, door, meetings }: TestTenant): Sweeper {
  const none = { endSessions: async () => {} }
  return new Sweeper({ db, clock, store, door, meetings, attendance: none, purgeAfterDays: 30 } as never)
}

const houses: TestTenant[] = []
after(() => Promise.all(houses.map((house) => house.close())))

const pick = fc.nat(20)
const commands = [
  fc.tuple(fc.constantFrom(...kinds), fc.nat(1)).map(([kind, number]) => new AskIn(kind, number)),
  fc.tuple(fc.constantFrom(...kinds), fc.nat(1)).map(([kind, number]) => new AskIn(kind, number)),
  fc.tuple(pick, fc.constantFrom('admit' as const, 'deny' as const)).map(([n, decision]) => new Settle(n, decision)),
  pick.map((n) => new TwoAdmitters(n)),
  fc.constant(new AdmitAll()),
  fc.tuple(pick, fc.boolean()).map(([n, mayReturn]) => new Remove(n, mayReturn)),
  pick.map((n) => new Leave(n)),
  fc.boolean().map((locked) => new SetLock(locked)),
  fc.constantFrom(...levels).map((accessLevel) => new Change({ accessLevel })),
  fc.boolean().map((cancelled) => new Change({ cancelled })),
  fc.constantFrom(1, 20, 120, 3_000).map((minutes) => new Pass(minutes)),
  fc.constant(new Crash()),
  pick.map((n) => new Swap(n)),
]

test('no sequence of comings, verdicts, locks, changes, times and crashes lets anybody in whom the rules keep out', async () => {
  const house = await TestTenant.open({ opening: openingMinutes })
  houses.push(house)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...levels),
      fc.boolean(),
      fc.commands(commands, { maxCommands: 40, size: 'max' }),
      async (level, bypass, steps) => {
        const now = house.clock.at
        const startAt = addMillis(house.clock.now(), 60 * minute)
        const expiresAt = now + 3 * 24 * 60 * minute
        const made = await house.meeting({
          ...{ accessLevel: level, attendees, startAt, endAt: addMillis(startAt, 60 * minute) },
          options: { isDialInBypassEnabled: bypass },
        })
        const meeting = await house.meetings.update(made.id, { expiresAt: addMillis(house.clock.now(), expiresAt - now) })
        const model = new Model(level, bypass, { now, startAt: now + 60 * minute, expiresAt })
        await fc.asyncModelRun(() => ({ model, real: { house, meeting } }), steps)
      },
    ),
    { seed, numRuns: Number(process.env.DOOR_RUNS ?? 100) },
  )
})
