import assert from 'node:assert/strict'
import { ack, hungUpOn, invite, keys, maybe, receive, sipp } from '../../../lib/sipp.ts'
import { type Person, until } from '../person.ts'
import type { Cast, CastMeeting } from './cast.ts'
import { type Column, columns } from './entering.ts'

const scopes: Record<Column, string> = {
  everyone: 'everyone',
  sameEnterprise: 'organization',
  sameEnterpriseAndFederated: 'organizationAndFederated',
  invited: 'invited',
  locked: 'organizer',
  'everyone, room locked by hand': 'everyone',
}

/** Real calls (SIPp) to the meetings of the other table, each as somebody else there sees it. */
export async function phonesTable(cast: Cast, meetings: Map<Column, CastMeeting>): Promise<string[][]> {
  const calls: Promise<void>[] = []
  const row = async (who: string, passcodeOf: (meeting: CastMeeting) => string | Promise<string>) => {
    const cells = columns.map(async (column) => {
      const meeting = meetings.get(column)!
      return call(meeting, await passcodeOf(meeting), calls)
    })
    return [who, 'telephone', ...(await Promise.all(cells))]
  }
  const rows = [await row('caller', ({ dialin }) => dialin.passcode)]
  for (const column of columns)
    await cast.patch(meetings.get(column)!, {
      lobbyBypassSettings: { scope: scopes[column], isDialInBypassEnabled: true },
    })
  rows.push(await row('caller, with isDialInBypassEnabled', ({ dialin }) => dialin.passcode))
  rows.push(
    await row("caller with the leader's passcode", async ({ id }) => {
      const { body } = await cast.house.graph.send('GET', `/beta/app/onlineMeetings/${id}`)
      const { leaderPasscode } = body.audioConferencing as { leaderPasscode: string }
      assert.match(leaderPasscode, /^\d+$/)
      return leaderPasscode
    }),
  )
  await Promise.all(calls)
  return rows
}

/** Call and key the passcode; where the telephone is then. It is sent away again; the call resolves when it was hung up on. */
async function call({ organizer, dialin }: CastMeeting, passcode: string, calls: Promise<void>[]): Promise<string> {
  const steps = [invite(), maybe(100), receive(200, 'rrs="true"'), ack(), ...keys(`${passcode}#`, 2), ...hungUpOn()]
  const calling = sipp(dialin.sip, steps)
  calls.push(calling)
  const found = await Promise.race([
    until('the telephone to be somewhere', async () => {
      const phone = phoneIn(organizer)
      const role = phone?.attributes.role
      if (phone !== undefined && role !== undefined) return { identity: phone.identity, outcome: `in, ${role}` }
      const { waiting } = (await organizer.send('GET', '/api/room/lobby')).body as {
        waiting: { id: string; phone: boolean; reason: string }[]
      }
      const waits = waiting.find((each) => each.phone)
      return waits && { id: waits.id, outcome: `waiting: ${waits.reason}` }
    }),
    calling.then(() => assert.fail('the server hung up')),
  ])
  const path = 'id' in found ? `lobby/${found.id}/deny` : `participants/${found.identity}/remove`
  const sent = await organizer.post(`/api/room/${path}`, 'id' in found ? {} : { mayReturn: true })
  assert.ok(sent.status < 300, JSON.stringify(sent.body))
  await until('the telephone to be gone', async () => phoneIn(organizer) === undefined)
  return found.outcome
}

const phoneIn = (organizer: Person) =>
  [...organizer.room!.remoteParticipants.values()].find(({ attributes }) => attributes.phone === '1')
