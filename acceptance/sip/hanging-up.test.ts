// tier: release, 30 s
// A caller who goes away, whenever that is, leaves nobody behind.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { type Person, until } from '../door/lib/person.ts'
import { ack, bye, invite, keys, maybe, pause, receive, sending, sipp } from '../lib/sipp.ts'
import { type DialableMeeting, Exchange, phonesIn } from './lib/exchange.ts'

let exchange: Exchange
before(async () => {
  exchange = await Exchange.open()
})
afterEach(() => exchange.dismiss())
after(() => exchange?.close())

const options = { timeout: 300_000 }
const answered = [invite(), maybe(100), maybe(180), receive(200), ack()]

/** Nobody waits, nobody is in the room but the organizer, and as many calls have ended as were made. */
async function nobodyLeft(organizer: Person, ended: number): Promise<void> {
  await phonesIn(organizer, 0)
  await until('the lobby to be empty', async () => {
    const { body } = await organizer.send('GET', '/api/room/lobby')
    return (body.waiting as unknown[]).length === 0
  })
  await until(`${ended} calls to have ended`, async () => {
    const text = await (await fetch(`${exchange.house.server.url}/metrics`)).text()
    const counts = [...text.matchAll(/^parley_dialin_calls_total\{outcome="caller-[a-z-]+"\} (\d+)/gm)]
    return counts.reduce((sum, [, count]) => sum + Number(count), 0) === ended
  })
}

async function meetingWithOrganizer(): Promise<[DialableMeeting, Person]> {
  const meeting = await exchange.meeting()
  const organizer = await exchange.house.organizer(meeting)
  await organizer.enter()
  return [meeting, organizer]
}

test(
  'CANCEL before the answer; and hanging up at the greeting, while keying, in the lobby and in the room',
  options,
  async () => {
    const [meeting, organizer] = await meetingWithOrganizer()
    // The first call of a server rings while the bridge to the room is being loaded.
    const cancel = sending('CANCEL', { cseq: 1, toTag: false, branch: '[branch-2]' })
    const acknowledge = sending('ACK', { cseq: 1, branch: '[branch-5]' })
    await sipp(meeting.sip, [invite(), receive(100), cancel, receive(200), receive(487), acknowledge])
    await nobodyLeft(organizer, 1)
    await sipp(meeting.sip, [...answered, ...bye(2)])
    await nobodyLeft(organizer, 2)
    await sipp(meeting.sip, [...answered, ...keys(meeting.passcode.slice(0, 3), 2), ...bye(9)])
    await nobodyLeft(organizer, 3)
    const passcode = keys(`${meeting.passcode}#`, 2)
    const calling = sipp(meeting.sip, [...answered, ...passcode, pause(3_000), ...bye(20)])
    await until('the caller in the room', async () =>
      [...organizer.room!.remoteParticipants.values()].some(({ attributes }) => attributes.phone === '1'),
    )
    await calling
    await nobodyLeft(organizer, 4)
    // At once, so that the door has hardly decided.
    await sipp(meeting.sip, [...answered, ...passcode, ...bye(20)])
    await nobodyLeft(organizer, 5)
    await exchange.house.patch(meeting, { accessLevel: 'invited' })
    const waiting = sipp(meeting.sip, [...answered, ...passcode, pause(3_000), ...bye(20)])
    await until('the caller in the lobby', async () => {
      const { body } = await organizer.send('GET', '/api/room/lobby')
      return (body.waiting as unknown[]).length === 1
    })
    await waiting
    await nobodyLeft(organizer, 6)
    assert.equal(exchange.house.server.output().stderr.includes('failed'), false)
  },
)
