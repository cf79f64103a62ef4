import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openGraph, type TestGraph } from '../../../test/test-graph.ts'
import { lobbyScopes } from '../../meetings/lobby-scope.ts'

type Json = Record<string, unknown>

const all = { prefer: 'include-unknown-enum-members' }

async function today(graph: TestGraph, vtcId: string): Promise<Json> {
  const found = await graph.call('GET', `/communications/onlineMeetings?$filter=VideoTeleconferenceId eq '${vtcId}'`, {
    headers: all,
  })
  assert.equal(found.status, 200, JSON.stringify(found.body))
  return (found.body.value as Json[])[0]!
}

async function in2018(graph: TestGraph, vtcId: string): Promise<Json> {
  const found = await graph.call('GET', `/app/onlineMeetings/${vtcId}`, { version: 'beta' })
  assert.equal(found.status, 200, JSON.stringify(found.body))
  return found.body
}

const body = fc.record(
  {
    subject: fc.option(fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0'))),
    allowedPresenters: fc.constantFrom('everyone', 'organization', 'roleIsPresenter', 'organizer'),
    allowMeetingChat: fc.constantFrom('enabled', 'disabled', 'limited'),
    allowAttendeeToEnableMic: fc.boolean(),
    allowAttendeeToEnableCamera: fc.boolean(),
    isEntryExitAnnounced: fc.boolean(),
    recordAutomatically: fc.boolean(),
    watermarkProtection: fc.record({ isEnabledForVideo: fc.boolean() }),
    anonymizeIdentityForRoles: fc.subarray(['attendee', 'presenter', 'coorganizer']),
    lobbyBypassSettings: fc.record(
      { scope: fc.constantFrom(...lobbyScopes), isDialInBypassEnabled: fc.boolean() },
      { requiredKeys: [] },
    ),
    participants: fc.record({
      attendees: fc.array(
        fc.record({
          upn: fc.integer({ min: 1, max: 99 }).map((number) => `guest${number}@far.example`),
          identity: fc.option(
            fc.record({
              azureCommunicationServicesUser: fc.record({ id: fc.uuid() }),
              user: fc.record({ displayName: fc.constantFrom('Zoë', '') }),
            }),
          ),
          role: fc.constantFrom('attendee', 'presenter', 'coorganizer', 'producer'),
        }),
        { maxLength: 4 },
      ),
    }),
  },
  { requiredKeys: [] },
)

/** What changes when a meeting is written, whatever is written. */
const volatile = (entity: Json) => {
  const { '@odata.etag': _etag, '@odata.context': _context, ...rest } = entity
  return rest
}

test('made today, read and written back in 2018: nothing of today is lost', async (t) => {
  const graph = await openGraph(t)
  await fc.assert(
    fc.asyncProperty(body, async (given) => {
      const made = await graph.create(given, all)
      const id = String(made.videoTeleconferenceId)
      const old = await in2018(graph, id)
      assert.equal(old.subject, given.subject ?? null)
      const { '@odata.context': _context, ...echo } = old
      const written = await graph.call('PATCH', `/app/onlineMeetings/${id}`, { body: echo, version: 'beta' })
      assert.equal(written.status, 200, JSON.stringify(written.body))
      assert.deepEqual(volatile(await today(graph, id)), volatile(made))
      assert.deepEqual(await in2018(graph, id), old)
    }),
    { numRuns: 40 },
  )
})

test('made in 2018, found and changed today, read in 2018 again: only the change shows', async (t) => {
  const graph = await openGraph(t)
  const levels = ['everyone', 'invited', 'locked', 'sameEnterprise', 'sameEnterpriseAndFederated', 'unknown']
  const given2018 = fc.record({
    accessLevel: fc.constantFrom(...levels),
    entryExitAnnouncement: fc.boolean(),
    meetingType: fc.constantFrom('meetNow', 'recurring'),
  })
  await fc.assert(
    fc.asyncProperty(given2018, async (given) => {
      const participants = { organizer: { identity: { user: { id: graph.ada.id } } } }
      const made = await graph.call('POST', '/app/onlineMeetings', { body: { ...given, participants }, version: 'beta' })
      assert.equal(made.status, 201)
      const entity = await today(graph, String(made.body.id))
      assert.equal(entity.isEntryExitAnnounced, given.entryExitAnnouncement)
      const { lobbyBypassSettings } = entity
      const patch = { subject: 'new', lobbyBypassSettings }
      const changed = await graph.call('PATCH', `/users/${graph.ada.id}/onlineMeetings/${entity.id}`, { body: patch })
      assert.equal(changed.status, 200, JSON.stringify(changed.body))
      assert.deepEqual({ ...made.body, subject: 'new' }, await in2018(graph, String(made.body.id)))
    }),
    { numRuns: 30 },
  )
})

test('the access level of 2018 and the lobby scope of today are one thing', async (t) => {
  const graph = await openGraph(t)
  const expected = {
    everyone: 'everyone',
    organization: 'sameEnterprise',
    organizationAndFederated: 'sameEnterpriseAndFederated',
    invited: 'invited',
    organizer: 'locked',
    organizationExcludingGuests: 'sameEnterprise',
  }
  for (const [scope, level] of Object.entries(expected)) {
    const made = await graph.create({ lobbyBypassSettings: { scope } }, all)
    assert.deepEqual(made.lobbyBypassSettings, { scope, isDialInBypassEnabled: false })
    const id = String(made.videoTeleconferenceId)
    assert.equal((await in2018(graph, id)).accessLevel, level)
    await graph.call('PATCH', `/app/onlineMeetings/${id}`, { body: { accessLevel: 'everyone' }, version: 'beta' })
    await graph.call('PATCH', `/app/onlineMeetings/${id}`, { body: { accessLevel: 'sameEnterprise' }, version: 'beta' })
    const scopeNow = (await today(graph, id)).lobbyBypassSettings as Json
    assert.equal(scopeNow.scope, 'organization', 'a refinement does not come back once the level was another')
  }
})
