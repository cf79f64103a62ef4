// tier: release, 40 s
// Guessing of meeting numbers and passcodes: bounded for everybody together, and no way to keep others out.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { House, type TestMeeting } from './lib/house.ts'
import { type Answer, Person, until } from './lib/person.ts'

/** As in docs/access.md: wrong tries at once, of all strangers, and of one meeting's passcode. */
const burst = { server: 200, meeting: 50 }

let house: House
before(async () => {
  house = await House.open({ env: { PARLEY_TRUSTED_PROXIES: '127.0.0.0/8,::1' } })
})
after(() => house?.close())

interface Code {
  meetingId: string
  passcode?: string
}

/** Ask by a code, from an address, as a stranger unless somebody is named. */
async function ask(address: string, code: Code, person: Person = new Person(house.server)): Promise<Answer> {
  return person.send('POST', '/api/door/ask', { name: 'Eve', code }, { 'x-forwarded-for': `198.51.100.99, ${address}` })
}

const unknown = (guess: number): Code => ({ meetingId: String(100_000_000_000 + guess) })

/** Wrong tries from a number of networks at once, more than are looked at, and how they stand. */
function attack(networks: number, each: number, code: (guess: number) => Code) {
  const counts = { looked: 0, refused: 0 }
  const all = Array.from({ length: networks * each }, async (_, guess) => {
    const { status } = await ask(`10.1.${guess % networks}.7`, code(guess))
    if (status === 429) counts.refused += 1
    else counts.looked += 1
  })
  return { counts, over: Promise.all(all) }
}

async function withPasscode(): Promise<TestMeeting & { passcode: string }> {
  const user = house.server.dev.users[0]!.id
  const made = await house.graph.send('POST', `/v1.0/users/${user}/onlineMeetings`, {
    subject: 'With a passcode',
    lobbyBypassSettings: { scope: 'everyone' },
    joinMeetingIdSettings: { isPasscodeRequired: true },
  })
  const { joinMeetingId, passcode } = made.body.joinMeetingIdSettings as { joinMeetingId: string; passcode: string }
  const { threadId } = made.body.chatInfo as { threadId: string }
  return { id: '', joinUrl: '', threadId, code: joinMeetingId, passcode }
}

test('others behind the same address may mistype as they like: the right code comes in', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const guarded = await withPasscode()
  for (let guess = 0; guess < 12; guess++) {
    assert.equal((await ask('203.0.113.1', unknown(guess))).status, 404)
    assert.equal(
      (await ask('203.0.113.1', { meetingId: guarded.code, passcode: `wrong${guess}` })).body.error?.code,
      'PasscodeWrong',
    )
    assert.equal((await ask('203.0.113.1', { meetingId: meeting.code })).status, 201)
    assert.equal((await ask('203.0.113.1', { meetingId: guarded.code, passcode: guarded.passcode })).status, 201)
  }
})

test('while twenty networks guess numbers, a right one from elsewhere comes in after one of each; known people do not wait', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const regular = new Person(house.server)
  assert.equal((await ask('203.0.113.5', { meetingId: meeting.code }, regular)).status, 201)
  const { counts, over } = attack(20, 23, unknown)
  await until('the budget to be used up', async () => counts.looked >= burst.server)
  const before = counts.looked
  const [known, organizer] = [regular, await house.member(0)]
  const comes = async (address: string, person?: Person) => {
    assert.equal((await ask(address, { meetingId: meeting.code }, person)).status, 201)
    return counts.looked - before
  }
  const waits = await Promise.all([comes('203.0.113.77'), comes('203.0.113.6', known), comes('10.1.3.9', organizer)])
  // Besides one of each network, what had been sent on its way.
  assert.ok(waits[0] <= 25, `${waits[0]} wrong tries were looked at before a stranger's right one`)
  assert.ok(waits[1] <= 12 && waits[2] <= 12, `${waits} before those who are known`)
  const byLink = await house.person().ask(meeting.threadId, 'By link')
  assert.equal(byLink.status, 201)
  await over
  const metrics = await (await fetch(`${house.server.url}/metrics`)).text()
  assert.match(metrics, /parley_door_code_tries_total\{outcome="wrong"\} \d+/)
})

test('wrong passcodes of one meeting are bounded from everywhere, and keep nobody out of it who has the right one', async () => {
  const guarded = await withPasscode()
  const { counts, over } = attack(10, 15, (guess) => ({ meetingId: guarded.code, passcode: `${guess}wrong` }))
  await until('the budget to be used up', async () => counts.looked >= burst.meeting)
  const before = counts.looked
  const { status } = await ask('203.0.113.78', { meetingId: guarded.code, passcode: guarded.passcode })
  assert.equal(status, 201)
  assert.ok(counts.looked - before <= 15, `${counts.looked - before} wrong ones were looked at before the right one`)
  const other = await withPasscode()
  assert.equal((await ask('10.1.1.7', { meetingId: other.code, passcode: other.passcode })).status, 201, 'another is not touched')
  await over
})

test('more tries than may wait are refused, those first of whom there are most', async () => {
  const { counts, over } = attack(3, 240, unknown)
  await until('tries to be refused', async () => counts.refused >= 100)
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  assert.equal((await ask('203.0.113.79', { meetingId: meeting.code })).status, 201)
  await over
  assert.ok(counts.looked <= 3 * 240 - 100)
})
