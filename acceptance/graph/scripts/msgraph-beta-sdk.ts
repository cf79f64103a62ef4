// @microsoft/msgraph-beta-sdk: its request adapter, models and serializers (its request builders come in other packages).
import assert from 'node:assert/strict'
import { HttpMethod, RequestInformation } from '@microsoft/kiota-abstractions'
import { GraphBetaRequestAdapter } from '@microsoft/msgraph-beta-sdk'
import {
  createOnlineMeetingCollectionResponseFromDiscriminatorValue,
  createOnlineMeetingFromDiscriminatorValue,
  LobbyBypassScopeObject,
  type OnlineMeeting,
  OnlineMeetingRoleObject,
  serializeOnlineMeeting,
} from '@microsoft/msgraph-beta-sdk/models/index.js'
import { createODataErrorFromDiscriminatorValue, type ODataError } from '@microsoft/msgraph-beta-sdk/models/oDataErrors/index.js'
import { kiotaAuthentication } from '../lib/kiota.ts'
import { readCase } from '../lib/run-script.ts'

const { dev } = readCase()
const adapter = new GraphBetaRequestAdapter(kiotaAuthentication(dev))
adapter.baseUrl = `${dev.httpsBaseUrl}/beta`
const under = `users/${dev.users[0]!.id}/onlineMeetings`
const errors = { XXX: createODataErrorFromDiscriminatorValue }

function request(method: HttpMethod, path: string, body?: OnlineMeeting): RequestInformation {
  const information = new RequestInformation()
  information.httpMethod = method
  information.urlTemplate = `{+baseurl}/${path}`
  information.pathParameters = { baseurl: adapter.baseUrl }
  information.headers.add('Accept', 'application/json')
  information.headers.add('Prefer', 'include-unknown-enum-members')
  if (body !== undefined) information.setContentFromParsable(adapter, 'application/json', body, serializeOnlineMeeting)
  return information
}

const one = (information: RequestInformation) =>
  adapter.send<OnlineMeeting>(information, createOnlineMeetingFromDiscriminatorValue, errors)

const made = await one(
  request(HttpMethod.POST, under, {
    subject: 'beta',
    odataType: '#microsoft.graph.onlineMeeting',
    lobbyBypassSettings: { scope: LobbyBypassScopeObject.Invited, odataType: '#microsoft.graph.lobbyBypassSettings' },
    participants: { attendees: [{ upn: 'guest@far.example', role: OnlineMeetingRoleObject.Coorganizer }] },
    anonymizeIdentityForRoles: [OnlineMeetingRoleObject.Attendee],
  }),
)
assert.ok(made?.id)
assert.equal(made.lobbyBypassSettings?.scope, 'invited')
assert.equal(made.participants?.attendees?.[0]?.role, 'coorganizer')
assert.deepEqual(made.anonymizeIdentityForRoles, ['attendee'])

const id = encodeURIComponent(made.id)
const changed = await one(request(HttpMethod.PATCH, `${under}/${id}`, { subject: 'changed' }))
assert.equal(changed?.subject, 'changed')
const filter = encodeURIComponent(`JoinWebUrl eq '${made.joinWebUrl}'`)
const found = await adapter.send(
  request(HttpMethod.GET, `${under}?$filter=${filter}`),
  createOnlineMeetingCollectionResponseFromDiscriminatorValue,
  errors,
)
assert.equal((found as { value?: OnlineMeeting[] }).value?.[0]?.id, made.id)
await adapter.sendNoResponseContent(request(HttpMethod.DELETE, `${under}/${id}`), errors)
const gone = (await one(request(HttpMethod.GET, `${under}/${id}`)).catch((error: unknown) => error)) as ODataError
assert.equal(gone.errorEscaped?.code, 'NotFound')
assert.match(String(gone.errorEscaped?.innerError?.requestId), /^[0-9a-f-]{36}$/)
