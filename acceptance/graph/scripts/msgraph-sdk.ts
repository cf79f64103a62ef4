// @microsoft/msgraph-sdk (v1.0), unmodified, over https with @azure/identity.
import assert from 'node:assert/strict'
import { createGraphServiceClient, GraphRequestAdapter } from '@microsoft/msgraph-sdk'
import '@microsoft/msgraph-sdk-users'
import { LobbyBypassScopeObject, type OnlineMeeting, OnlineMeetingPresentersObject } from '@microsoft/msgraph-sdk/models/index.js'
import { kiotaAuthentication } from '../lib/kiota.ts'
import { readCase } from '../lib/run-script.ts'

const { dev } = readCase()
const adapter = new GraphRequestAdapter(kiotaAuthentication(dev))
adapter.baseUrl = `${dev.httpsBaseUrl}/v1.0`
const client = createGraphServiceClient(adapter)
const meetings = client.users.byUserId(dev.users[0]!.id).onlineMeetings

const made = await meetings.post({
  subject: 'Kiota',
  startDateTime: new Date('2027-01-04T10:00:00Z'),
  endDateTime: new Date('2027-01-04T11:00:00Z'),
  allowedPresenters: OnlineMeetingPresentersObject.Organization,
  lobbyBypassSettings: { scope: LobbyBypassScopeObject.Everyone },
})
assert.ok(made?.id && made.joinWebUrl)
assert.equal(made.subject, 'Kiota')
assert.equal(made.startDateTime?.toISOString(), '2027-01-04T10:00:00.000Z')
assert.equal(made.allowedPresenters, 'organization')

const read = await meetings.byOnlineMeetingId(made.id).get()
assert.equal(read?.joinWebUrl, made.joinWebUrl)
const selected = await meetings.byOnlineMeetingId(made.id).get({ queryParameters: { select: ['id', 'subject'] } })
assert.equal(selected?.subject, 'Kiota')
assert.equal(selected?.joinWebUrl, undefined)

const found = await meetings.get({ queryParameters: { filter: `JoinWebUrl eq '${made.joinWebUrl}'` } })
assert.deepEqual(
  found?.value?.map(({ id }) => id),
  [made.id],
)
const code = made.joinMeetingIdSettings?.joinMeetingId
const byCode = await meetings.get({ queryParameters: { filter: `joinMeetingIdSettings/joinMeetingId eq '${code}'` } })
assert.equal(byCode?.value?.[0]?.id, made.id)

const patch: OnlineMeeting = { subject: 'Renamed', lobbyBypassSettings: { isDialInBypassEnabled: true } }
const changed = await meetings.byOnlineMeetingId(made.id).patch(patch)
assert.equal(changed?.subject, 'Renamed')
assert.deepEqual([changed?.lobbyBypassSettings?.scope, changed?.lobbyBypassSettings?.isDialInBypassEnabled], ['everyone', true])

const first = await meetings.createOrGet.post({ externalId: 'kiota-1', subject: 'once' })
const again = await meetings.createOrGet.post({ externalId: 'kiota-1', subject: 'twice' })
assert.equal(again?.id, first?.id)
assert.equal(again?.subject, 'once')

await meetings.byOnlineMeetingId(made.id).delete()
const gone = await meetings
  .byOnlineMeetingId(made.id)
  .get()
  .catch((error: unknown) => error)
assert.equal((gone as { responseStatusCode?: number }).responseStatusCode, 404)
assert.equal((gone as { errorEscaped?: { code?: string } }).errorEscaped?.code, 'NotFound')
