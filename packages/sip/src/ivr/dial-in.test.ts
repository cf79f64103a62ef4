import assert from 'node:assert/strict'
import { afterEach, before, test } from 'node:test'
import { ScriptedDoor, ScriptedEntry } from '../../example/scripted-door.ts'
import { FakeCall, FastClock } from '../../test/fake-call.ts'
import type { ConnectRoom, RoomEvents, RoomLeg } from '../bridge/room.ts'
import type { CloseReason, PhoneAttempt, PhoneState, WaitReason } from '../door.ts'
import { toneShare } from '../media/goertzel.ts'
import { tone } from '../media/tone.ts'
import { DialIn, type DialInOptions } from './dial-in.ts'
import { type Phrase, Prompts, phrases } from './prompts.ts'

let prompts: Prompts
before(async () => {
  prompts = await Prompts.load()
})

const calls: FakeCall[] = []
afterEach(() => {
  for (const call of calls.splice(0)) call.leave()
})

/** A room that remembers what it is told. */
class FakeRoom implements RoomLeg {
  readonly events: RoomEvents
  readonly spoken: Int16Array[] = []
  readonly mutes: boolean[] = []
  closed = false
  constructor(events: RoomEvents) {
    this.events = events
  }
  speak(pcm: Int16Array): void {
    this.spoken.push(pcm)
  }
  hear(): Int16Array | undefined {
    return undefined
  }
  async setMuted(muted: boolean): Promise<void> {
    this.mutes.push(muted)
  }
  async close(): Promise<void> {
    this.closed = true
  }
}

interface Dialled {
  call: FakeCall
  door: ScriptedDoor
  rooms: FakeRoom[]
  faults: Error[]
}

const admitted: PhoneState = { state: 'admitted', url: 'ws://room', token: 'token' }

async function dial(
  script: (attempt: PhoneAttempt) => ScriptedEntry | 'throttled',
  options: Partial<DialInOptions> & { length?: number; connect?: ConnectRoom } = {},
): Promise<Dialled> {
  const rooms: FakeRoom[] = []
  const faults: Error[] = []
  const door = new ScriptedDoor({ 246801: script }, options.length)
  const connect: ConnectRoom = async (_url, _token, _rate, events) => {
    const room = new FakeRoom(events)
    rooms.push(room)
    return room
  }
  const dialIn = await DialIn.open({
    door,
    prompts,
    connect,
    clock: new FastClock(),
    languageOf: () => 'en',
    fault: (error) => faults.push(error),
    ...options,
  })
  const call = new FakeCall(prompts)
  calls.push(call)
  dialIn.take(call)
  return { call, door, rooms, faults }
}

const entering =
  (...states: PhoneState[]) =>
  (attempt: PhoneAttempt) => {
    const entry = new ScriptedEntry(attempt)
    for (const state of states) entry.push(state)
    return entry
  }

test('a passcode with hash, and one without when the length is known', async () => {
  for (const [length, keys] of [
    [undefined, '246801#'],
    [6, '246801'],
    [6, '99*246801'],
    [undefined, '##246801#'],
  ] as const) {
    const { call, door } = await dial(entering({ state: 'closed', reason: 'ended' }), length ? { length } : {})
    await call.hears('welcome')
    call.press(keys)
    assert.equal(await call.ended, 'hung-up')
    assert.deepEqual(door.attempts, ['246801'])
    assert.deepEqual(call.phrases('en', ['ended', 'goodbye']), ['ended', 'goodbye'])
    assert.ok(door.entries[0]?.done.includes('leave'))
  }
})

test('three wrong passcodes, then goodbye', async () => {
  const { call, door } = await dial(entering())
  for (const [index, guess] of ['111111#', '222222#', '333333#'].entries()) {
    await call.hears('enter-passcode', index + 1)
    call.press(guess)
  }
  await call.ended
  assert.deepEqual(door.attempts, ['111111', '222222', '333333'])
  const said = call.phrases('en', ['enter-passcode', 'passcode-wrong', 'try-again', 'too-many-tries', 'goodbye'])
  const wrong = ['passcode-wrong', 'try-again', 'enter-passcode']
  assert.deepEqual(said, ['enter-passcode', ...wrong, ...wrong, 'passcode-wrong', 'too-many-tries', 'goodbye'])
})

test('a throttled caller hears so', async () => {
  const { call } = await dial(() => 'throttled')
  call.press('246801#')
  await call.ended
  assert.deepEqual(call.phrases('en', ['throttled', 'goodbye', 'too-many-tries']), ['throttled', 'goodbye'])
})

test('the language is chosen by key, and a passcode typed ahead is no choice', async () => {
  const spanish = await dial(entering({ state: 'closed', reason: 'cancelled' }), { languageOf: () => undefined })
  await spanish.call.hears('language-key', 1, 'es')
  spanish.call.press('2')
  await spanish.call.hears('enter-passcode', 1, 'es')
  spanish.call.press('246801#')
  await spanish.call.ended
  assert.equal(spanish.door.entries[0]?.attempt.lang, 'es')
  assert.deepEqual(spanish.call.phrases('es', ['cancelled']), ['cancelled'])
  const ahead = await dial(entering({ state: 'closed', reason: 'cancelled' }), { languageOf: () => undefined })
  ahead.call.press('246801#')
  await ahead.call.ended
  assert.deepEqual(ahead.door.attempts, ['246801'])
})

for (const reason of ['denied', 'wait-expired', 'cancelled', 'expired', 'removed', 'ended', 'failed'] satisfies CloseReason[]) {
  test(`closed because ${reason}: the caller hears why`, async () => {
    const { call } = await dial(entering({ state: 'closed', reason }))
    call.press('246801#')
    await call.ended
    assert.deepEqual(call.phrases('en', [reason, 'goodbye']), [reason, 'goodbye'])
  })
}

test('waits in the lobby with a sound, then is let in, hears and speaks', async () => {
  const { call, door, rooms } = await dial(entering({ state: 'waiting', why: 'lobby' }))
  call.press('246801#')
  await call.hears('waiting-lobby')
  assert.equal(rooms.length, 0)
  const before = call.heard.length
  while (call.heard.length < before + 400) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(
    call.heard.slice(before).some((frame) => frame.some((sample) => Math.abs(sample) > 500)),
    'a gentle sound',
  )
  door.entries[0]?.push(admitted)
  await call.hears('joined')
  call.voice.push(tone(8_000, 20, [700], 0.4))
  while (!rooms[0]?.spoken.some((pcm) => pcm.some((sample) => sample > 3_000)))
    await new Promise((resolve) => setImmediate(resolve))
  call.leave()
  await call.ended
  while (!rooms[0]?.closed) await new Promise((resolve) => setImmediate(resolve))
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

const waits: Record<WaitReason, Phrase> = {
  lobby: 'waiting-lobby',
  organizer: 'waiting-organizer',
  'not-started': 'waiting-not-started',
  locked: 'waiting-locked',
  full: 'waiting-full',
  invited: 'waiting-invited',
  organization: 'waiting-organization',
}

test('whoever waits hears why, and hears it when the reason becomes another', async () => {
  const reasons = Object.entries(waits) as [WaitReason, Phrase][]
  const { call, door } = await dial(entering())
  call.press('246801#')
  while (door.entries.length === 0) await turn()
  for (const [why, phrase] of reasons) {
    door.entries[0]!.push({ state: 'waiting', why })
    await call.hears(phrase)
  }
  assert.deepEqual(call.phrases('en', Object.values(waits)), Object.values(waits))
  call.leave()
})

test('whoever comes in muted hears how to speak, or that it may not be', async () => {
  for (const [unmutable, phrase] of [
    [true, 'how-to-speak'],
    [false, 'may-not-unmute'],
  ] as const) {
    const { call } = await dial((attempt) => {
      const entry = new ScriptedEntry(attempt).push({ ...admitted, muted: true })
      entry.unmutable = unmutable
      return entry
    })
    call.press('246801#')
    await call.hears(phrase)
    assert.deepEqual(call.phrases('en', ['joined', 'joined-muted', 'how-to-speak', 'may-not-unmute']), ['joined-muted', phrase])
    call.leave()
  }
})

test('whoever has to wait for the door’s word hears so, until it comes', async () => {
  const { call, door } = await dial(entering(admitted))
  const enter = door.enter.bind(door)
  const word = Promise.withResolvers<void>()
  door.enter = async (attempt) => {
    await word.promise
    return enter(attempt)
  }
  call.press('246801#')
  await call.hears('reconnecting')
  word.resolve()
  await call.hears('joined')
  call.leave()
})

test('is turned away from the lobby', async () => {
  const { call, door } = await dial(entering({ state: 'waiting', why: 'organizer' }))
  call.press('246801#')
  await call.hears('waiting-organizer')
  door.entries[0]?.push({ state: 'closed', reason: 'denied' })
  await call.ended
  assert.deepEqual(call.phrases('en', ['denied']), ['denied'])
})

test('the keys of the room', async () => {
  const { call, door, rooms } = await dial(entering(admitted))
  call.press('246801#')
  await call.hears('joined')
  const entry = door.entries[0]!
  entry.others = 42
  for (const [keys, answer] of [
    ['*6', 'muted'],
    ['*6', 'unmuted'],
    ['*5', 'hand-raised'],
    ['*5', 'hand-lowered'],
    ['*1', 'help'],
    ['*4', 'other-people'],
  ] as const) {
    call.press(keys)
    await call.hears(answer)
  }
  assert.deepEqual(rooms[0]?.mutes, [true, false])
  assert.deepEqual(call.phrases('en', ['there-are', 'n40-and', 'n2', 'other-people']), [
    'there-are',
    'n40-and',
    'n2',
    'other-people',
  ])
  assert.deepEqual(entry.done, ['hand up', 'hand down', 'people'])
  call.press('*3')
  call.press('*9')
  assert.equal(await call.ended, 'hung-up')
  assert.deepEqual(entry.done, ['hand up', 'hand down', 'people', 'leave'], 'only a leader lets people in')
})

test('muted by the organizer, who may keep it so', async () => {
  const { call, door, rooms } = await dial(entering(admitted))
  call.press('246801#')
  await call.hears('joined')
  rooms[0]?.events.muted(true)
  await call.hears('muted-by-organizer')
  door.entries[0]!.unmutable = false
  call.press('*6')
  await call.hears('may-not-unmute')
  assert.deepEqual(rooms[0]?.mutes, [])
  call.leave()
})

test('a leader lets in those who wait', async () => {
  const { call, door } = await dial((attempt) => {
    const entry = new ScriptedEntry(attempt, { leader: true }).push(admitted)
    entry.waiting = 2
    return entry
  })
  call.press('246801#')
  await call.hears('joined')
  call.press('*3')
  await call.hears('all-admitted')
  assert.deepEqual(door.entries[0]?.done, ['admit'])
  call.leave()
})

test('a name is asked for, recorded, and said to the room on entry and exit', async () => {
  const { call, door, rooms } = await dial((attempt) => new ScriptedEntry(attempt, { announce: true }).push(admitted))
  // Speaking all the time: the recording ends after its five seconds.
  call.hum = tone(8_000, 20, [500], 0.4)
  call.press('246801#')
  await call.hears('joined')
  assert.deepEqual(call.phrases('en', ['say-name', 'thank-you']), ['say-name', 'thank-you'])
  call.hum = new Int16Array(160)
  const name = door.entries[0]!.name!
  assert.ok(name.length > 30_000 && name.length <= 40_000, `${name.length} samples`)
  const loud = () => rooms[0]!.spoken.filter((pcm) => pcm.some((sample) => Math.abs(sample) > 3_000)).length
  while (loud() < 25) await new Promise((resolve) => setImmediate(resolve))
  const once = loud()
  call.leave()
  while (!rooms[0]!.closed) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(loud() > once + 25, 'the name again')
})

/** Sounds so far in which the room was told something. */
const loudIn = (room: FakeRoom) => room.spoken.filter((pcm) => pcm.some((sample) => Math.abs(sample) > 3_000)).length

/** A caller who has said a name, in the room. */
async function named() {
  const dialled = await dial((attempt) => new ScriptedEntry(attempt, { announce: true }).push(admitted))
  dialled.call.hum = tone(8_000, 20, [500], 0.4)
  dialled.call.press('246801#')
  await dialled.call.hears('joined')
  dialled.call.hum = new Int16Array(160)
  const room = dialled.rooms[0]!
  const before = room.spoken.length
  while (room.spoken.length < before + 300) await turn()
  return { ...dialled, entry: dialled.door.entries[0]!, room }
}

test('somebody muted is named to the room on leaving all the same, unless the room may not hear them', async () => {
  for (const unmutable of [true, false]) {
    const { call, entry, room } = await named()
    call.press('*6')
    await call.hears('muted')
    entry.unmutable = unmutable
    const said = loudIn(room)
    call.leave()
    while (!room.closed) await turn()
    assert.deepEqual(room.mutes, unmutable ? [true, false] : [true])
    assert.equal(loudIn(room) > said + 25, unmutable)
  }
})

test('coming in anew with other rights is no exit and no entry', async () => {
  const { call, entry, rooms, room } = await named()
  const said = loudIn(room)
  entry.push({ ...admitted, muted: true })
  await call.hears('joined-muted')
  assert.ok(room.closed && rooms.length === 2)
  assert.deepEqual([loudIn(room), loudIn(rooms[1]!)], [said, 0])
  call.leave()
})

test("others' comings and goings: what says the name, and a tone", async () => {
  const { call, entry, room } = await named()
  const heard = (frequency: number, from: number) =>
    call.heard.slice(from).some((frame) => frame.length === 160 && toneShare(frame, frequency, 8_000) > 0.8)
  for (const movement of [{ kind: 'entry', spoken: tone(8_000, 400, [1_500], 0.4) }, { kind: 'exit' }] as const) {
    const from = call.heard.length
    entry.move(movement)
    while (!heard(880, from)) await turn()
    assert.equal(heard(1_500, from), movement.kind === 'entry')
  }
  call.leave()
  while (!room.closed) await turn()
})

test('a hand stays down where hands are not allowed', async () => {
  const { call, door } = await dial(entering(admitted))
  call.press('246801#')
  await call.hears('joined')
  door.entries[0]!.mayRaise = false
  call.press('*5')
  await call.hears('may-not-raise')
  call.leave()
})

test('removed from the room', async () => {
  const { call, rooms } = await dial(entering(admitted))
  call.press('246801#')
  await call.hears('joined')
  rooms[0]?.events.lost('removed')
  await call.ended
  assert.deepEqual(call.phrases('en', ['removed', 'goodbye']), ['removed', 'goodbye'])
})

test('the room is lost: the door is asked again, and the caller stays', async () => {
  const { call, door, rooms } = await dial(entering(admitted))
  call.press('246801#')
  await call.hears('joined')
  door.entries[0]!.again = { url: 'ws://room', token: 'another' }
  rooms[0]?.events.lost('lost')
  await call.hears('reconnecting')
  while (rooms.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.notEqual(call.state, 'ended')
  call.leave()
})

test('hanging up in every state tells the door, once', async () => {
  const stages: [PhoneState[], () => Parameters<FakeCall['hears']>[0]][] = [
    [[{ state: 'waiting', why: 'lobby' }], () => 'waiting-lobby'],
    [[admitted], () => 'joined'],
    [[{ state: 'closed', reason: 'cancelled' }], () => 'cancelled'],
  ]
  for (const [states, phrase] of stages) {
    const { call, door, faults } = await dial(entering(...states))
    call.press('246801#')
    await call.hears(phrase())
    call.leave()
    await call.ended
    while (!door.entries[0]?.done.includes('leave')) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(
      door.entries[0]?.done.filter((what) => what === 'leave'),
      ['leave'],
    )
    assert.deepEqual(faults, [])
  }
  const early = await dial(entering())
  await early.call.hears('welcome')
  early.call.leave()
  assert.equal(await early.call.ended, 'caller-hung-up')
  assert.deepEqual(early.door.attempts, [])
})

test('a door that fails is a fault told, and the caller hears a word of it', async () => {
  const { call, faults } = await dial(() => {
    throw new Error('database gone')
  })
  call.press('246801#')
  await call.ended
  assert.deepEqual(call.phrases('en', ['failed']), ['failed'])
  assert.deepEqual(
    faults.map(({ message }) => message),
    ['database gone'],
  )
})

test('every phrase has a sound in both languages, and a line in the table', async () => {
  const { readFile } = await import('node:fs/promises')
  const table = await readFile(new URL('../../prompts/phrases.tsv', import.meta.url), 'utf8')
  const lines = table.trim().split('\n').slice(1)
  const ids = lines.map((line) => line.split('\t')[0])
  for (const line of lines) assert.equal(line.split('\t').filter((cell) => cell.trim() !== '').length, 3, line)
  for (const name of phrases) {
    assert.ok(ids.includes(name), name)
    for (const language of ['en', 'es'] as const) assert.ok(prompts.clip(language, name).length > 1_000, `${language}/${name}`)
  }
})
