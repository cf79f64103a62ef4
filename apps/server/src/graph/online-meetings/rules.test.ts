import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorOf, openGraph } from '../../../test/test-graph.ts'

type Json = Record<string, unknown>

test('PATCH: what cannot change is refused with the words of Graph, annotations and open members pass', async (t) => {
  const graph = await openGraph(t)
  const made = await graph.create({ lobbyBypassSettings: { scope: 'everyone' } })
  const patch = (body: Json, headers: Record<string, string> = {}) =>
    graph.call('PATCH', `/users/${graph.ada.id}/onlineMeetings/${made.id}`, { body, headers })
  const literal =
    'One or more properties do not support updating. Please refer to Microsoft Graph documentation for more information.'
  const fixed = [
    ...['id', 'creationDateTime', 'joinWebUrl', 'joinInformation', 'joinMeetingIdSettings', 'chatInfo', 'audioConferencing'],
    ...['videoTeleconferenceId', 'externalId', 'allowParticipantsToChangeName', 'isBroadcast', 'expiryDateTime'],
  ]
  for (const name of fixed) {
    const answer = await patch({ [name]: null })
    assert.deepEqual([answer.status, errorOf(answer).code, errorOf(answer).message], [400, 'InvalidArgument', literal], name)
    assert.equal(errorOf(answer).target, name)
  }
  assert.equal(errorOf(await patch({ meetingType: 'scheduled' })).message, 'Updating meeting type is not supported.')
  assert.equal((await patch({ '@odata.type': '#microsoft.graph.onlineMeeting', somethingNew: 1, subject: 'x' })).status, 200)
  assert.equal((await patch({ startDateTime: '2027-01-01T00:00:00Z' })).status, 400)
  const other = { participants: { organizer: { identity: { user: { id: graph.ben.id } } } } }
  assert.equal(errorOf(await patch(other)).message, literal)
  const echo = { participants: { organizer: (made.participants as Json).organizer } }
  assert.equal((await patch(echo)).status, 200)
  const merged = await patch({ lobbyBypassSettings: { isDialInBypassEnabled: true }, allowRecording: null })
  assert.deepEqual(merged.body.lobbyBypassSettings, { scope: 'everyone', isDialInBypassEnabled: true })
})

test('PATCH: anonymous attendees stay anonymous; attendees are replaced whole', async (t) => {
  const graph = await openGraph(t)
  const made = await graph.create({ participants: { attendees: [{ upn: 'x@far.example' }] } })
  const patch = (body: Json) => graph.call('PATCH', `/users/${graph.ada.id}/onlineMeetings/${made.id}`, { body })
  assert.equal((await patch({ anonymizeIdentityForRoles: ['attendee', 'presenter'] })).status, 200)
  assert.equal((await patch({ anonymizeIdentityForRoles: ['presenter'] })).status, 400)
  const emptied = await patch({ participants: { attendees: [] } })
  assert.deepEqual((emptied.body.participants as Json).attendees, [])
})

test('If-Match: of two changes from one reading, one is refused', async (t) => {
  const graph = await openGraph(t)
  const made = await graph.create()
  const url = `/users/${graph.ada.id}/onlineMeetings/${made.id}`
  const read = await graph.call('GET', url)
  const etag = read.headers.ETag!
  assert.equal(etag, made['@odata.etag'])
  const answers = await Promise.all(
    ['a', 'b'].map((subject) => graph.call('PATCH', url, { body: { subject }, headers: { 'if-match': etag } })),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412])
  assert.equal((await graph.call('DELETE', url, { headers: { 'if-match': etag } })).status, 412)
  assert.equal((await graph.call('DELETE', url, { headers: { 'if-match': '*' } })).status, 204)
})

test('evolvable members are hidden unless asked for, and unknownFutureValue cannot be sent', async (t) => {
  const graph = await openGraph(t)
  const body = {
    lobbyBypassSettings: { scope: 'invited' },
    participants: { attendees: [{ upn: 'c@far.example', role: 'coorganizer' }] },
  }
  const plain = await graph.create(body)
  assert.equal((plain.lobbyBypassSettings as Json).scope, 'unknownFutureValue')
  assert.equal(((plain.participants as Json).attendees as Json[])[0]!.role, 'unknownFutureValue')
  const asked = await graph.call('GET', `/users/${graph.ada.id}/onlineMeetings/${plain.id}`, {
    headers: { prefer: 'include-unknown-enum-members' },
  })
  assert.equal((asked.body.lobbyBypassSettings as Json).scope, 'invited')
  assert.equal(asked.headers['Preference-Applied'], 'include-unknown-enum-members')
  const url = `/users/${graph.ada.id}/onlineMeetings`
  const refused = await graph.call('POST', url, { body: { lobbyBypassSettings: { scope: 'unknownFutureValue' } } })
  assert.deepEqual([refused.status, errorOf(refused).target], [400, 'lobbyBypassSettings.scope'])
  const minimal = await graph.call('POST', url, { body: {}, headers: { prefer: 'return=minimal' } })
  assert.deepEqual([minimal.status, minimal.headers['Preference-Applied']], [204, 'return=minimal'])
})

test('delegated: people act for themselves, as far as their scopes go', async (t) => {
  const graph = await openGraph(t)
  const token = await graph.userToken(graph.ada, 'OnlineMeetings.ReadWrite', 'User.Read')
  const made = await graph.call('POST', '/me/onlineMeetings', { body: { subject: 'mine' }, token })
  assert.equal(made.status, 201)
  assert.match(String(made.body['@odata.context']), new RegExp(`#users\\('${graph.ada.id}'\\)/onlineMeetings/\\$entity$`))
  assert.equal((await graph.call('GET', `/users/${graph.ada.id}/onlineMeetings/${made.body.id}`, { token })).status, 200)
  assert.equal((await graph.call('POST', `/users/${graph.ben.id}/onlineMeetings`, { body: {}, token })).status, 403)
  assert.equal((await graph.call('GET', '/me', { token })).body.userPrincipalName, graph.ada.upn)
  const reader = await graph.userToken(graph.ada, 'OnlineMeetings.Read')
  assert.equal((await graph.call('PATCH', `/me/onlineMeetings/${made.body.id}`, { body: {}, token: reader })).status, 403)
  assert.equal((await graph.call('GET', `/me/onlineMeetings/${made.body.id}`, { token: reader })).status, 200)
})

test('somebody invited reads the meeting but neither finds nor changes it; a stranger sees nothing', async (t) => {
  const graph = await openGraph(t)
  const made = await graph.create({ participants: { attendees: [{ upn: 'BEN@unit.example' }] } })
  const secret = await graph.create()
  const under = `/users/${graph.ben.id}/onlineMeetings`
  assert.equal((await graph.call('GET', `${under}/${made.id}`)).status, 200)
  const own = Buffer.from(Buffer.from(String(made.id), 'base64').toString().replace(graph.ada.id, graph.ben.id)).toString(
    'base64',
  )
  assert.equal((await graph.call('GET', `${under}/${own}`)).status, 200)
  assert.equal((await graph.call('PATCH', `${under}/${made.id}`, { body: { subject: 'x' } })).status, 403)
  assert.equal((await graph.call('DELETE', `${under}/${made.id}`)).status, 403)
  for (const filter of [
    `JoinWebUrl eq '${encodeURIComponent(String(made.joinWebUrl))}'`,
    `joinMeetingIdSettings/joinMeetingId eq '${made.meetingCode}'`,
  ]) {
    const looked = await graph.call('GET', `${under}?$filter=${filter}`)
    assert.deepEqual([looked.status, errorOf(looked).message], [403, '3003: User does not have access to lookup meeting'])
  }
  const strange = await graph.call('GET', `${under}/${secret.id}`)
  assert.deepEqual([strange.status, errorOf(strange).message], [404, `Organizer Id mismatch User Id: ${graph.ben.id}.`])
})

test('the extensions are off, on by setting, or on by header', async (t) => {
  const graph = await openGraph(t)
  const made = await graph.create({ subject: 'one' })
  const url = `/users/${graph.ada.id}/onlineMeetings`
  assert.equal((await graph.call('GET', url)).status, 400)
  assert.equal((await graph.call('GET', `${url}/${made.id}/calendar.ics`)).status, 400)
  assert.equal((await graph.call('GET', `/users/${graph.ada.upn}/onlineMeetings/${made.id}`)).status, 404)
  const asked = { 'parley-extensions': 'list, UPN, ics, idempotency' }
  assert.equal((await graph.call('GET', `/users/${graph.ada.upn}/onlineMeetings/${made.id}`, { headers: asked })).status, 200)
  const file = await graph.call('GET', `${url}/${made.id}/calendar.ics`, { headers: { ...asked, accept: 'text/calendar' } })
  assert.match(String(file.body.raw), /METHOD:REQUEST[\s\S]*SEQUENCE:0[\s\S]*SUMMARY:one/)
  const cancelled = { body: { isCancelled: true }, version: 'beta' as const }
  assert.equal((await graph.call('PATCH', `/app/onlineMeetings/${made.videoTeleconferenceId}`, cancelled)).status, 200)
  const cancel = await graph.call('GET', `${url}/${made.id}/calendar.ics`, { headers: asked })
  assert.match(String(cancel.body.raw), /METHOD:CANCEL[\s\S]*SEQUENCE:1[\s\S]*STATUS:CANCELLED/)
})

test('list: pages by an opaque link, ordered and filtered', async (t) => {
  const graph = await openGraph(t, { PARLEY_EXTENSIONS: 'list' })
  const url = `/users/${graph.ada.id}/onlineMeetings`
  for (let day = 1; day <= 7; day++) {
    const startDateTime = `2027-01-0${day}T10:00:00Z`
    await graph.create({ subject: `Day ${day % 2 === 0 ? 'even' : 'odd'}`, startDateTime })
  }
  const subjects: unknown[] = []
  let next: string | undefined = `${url}?$top=2&$orderby=startDateTime desc&$select=startDateTime`
  while (next !== undefined) {
    const page = await graph.call('GET', next)
    assert.equal(page.status, 200, JSON.stringify(page.body))
    subjects.push(...(page.body.value as Json[]).map(({ startDateTime }) => String(startDateTime).slice(8, 10)))
    const link = page.body['@odata.nextLink'] as string | undefined
    next = link?.replace('https://unit.example/v1.0', '')
  }
  assert.deepEqual(subjects, ['07', '06', '05', '04', '03', '02', '01'])
  const filter = "startswith(subject,'DAY') and contains(subject,'even') and startDateTime ge 2027-01-03T00:00:00Z"
  const found = await graph.call('GET', `${url}?$filter=${filter}`)
  assert.equal((found.body.value as Json[]).length, 2)
  for (const bad of ['$top=0', '$orderby=id', '$skiptoken=x', "$filter=chatInfo eq 'x'", '$filter=subject eq 1', '$skip=1'])
    assert.equal((await graph.call('GET', `${url}?${bad}`)).status, 400, bad)
})

test('Idempotency-Key: ten at once make one meeting; another body under the key is refused', async (t) => {
  const graph = await openGraph(t, { PARLEY_EXTENSIONS: 'idempotency' })
  const url = `/users/${graph.ada.id}/onlineMeetings`
  const headers = { 'idempotency-key': 'k-1' }
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => graph.call('POST', url, { body: { subject: 'x' }, headers })),
  )
  const made = answers.filter(({ status }) => status === 201)
  assert.equal(made.filter((answer) => answer.headers['Idempotent-Replayed'] === undefined).length, 1)
  assert.ok(answers.every(({ status }) => status === 201 || status === 409))
  const later = await graph.call('POST', url, { body: { subject: 'x' }, headers })
  assert.deepEqual([later.status, later.headers['Idempotent-Replayed'], later.body.id], [201, 'true', made[0]!.body.id])
  const other = await graph.call('POST', url, { body: { subject: 'y' }, headers })
  assert.deepEqual([other.status, errorOf(other).code], [409, 'IdempotencyKeyReused'])
})

test('joinInformation speaks the language asked for and escapes what people wrote', async (t) => {
  const graph = await openGraph(t)
  const spanish = await graph.create({}, { 'accept-language': 'fr, es-MX;q=0.9, en;q=0.1' })
  const { contentType, content } = spanish.joinInformation as { contentType: string; content: string }
  assert.equal(contentType, 'html')
  assert.match(decodeURIComponent(content.replace('data:text/html,', '')), /lang="es".*Entrar en la reuni&#243;n/)
  const english = await graph.create()
  assert.match(decodeURIComponent((english.joinInformation as { content: string }).content), /Join the meeting/)
})

test('create: times, passcodes, channels, external ids', async (t) => {
  const graph = await openGraph(t)
  const url = `/users/${graph.ada.id}/onlineMeetings`
  const post = (body: Json) => graph.call('POST', url, { body })
  const started = await post({ startDateTime: '2027-01-01T10:00:00.1234567-07:00' })
  assert.equal(started.body.startDateTime, '2027-01-01T17:00:00.1234567Z')
  assert.equal(started.body.endDateTime, '2027-01-01T18:00:00.1234567Z')
  assert.equal(errorOf(await post({ endDateTime: '2027-01-01T10:00:00Z' })).target, 'startDateTime')
  assert.equal(
    errorOf(await post({ startDateTime: '2027-01-01T10:00:00Z', endDateTime: '2026-01-01T10:00:00Z' })).target,
    'endDateTime',
  )
  const passcode = await post({ joinMeetingIdSettings: { isPasscodeRequired: true } })
  assert.match((passcode.body.joinMeetingIdSettings as { passcode: string }).passcode, /^[a-zA-Z0-9]{8}$/)
  assert.equal((await post({ joinMeetingIdSettings: { isPasscodeRequired: true, passcode: 'mine' } })).status, 400)
  assert.equal(errorOf(await post({ externalId: 'x' })).target, 'externalId')
  assert.equal(errorOf(await post({ chatInfo: { threadId: '19:0123@thread.tacv2' } })).message, 'An error has occurred.')
  assert.equal(errorOf(await post({ participants: { attendees: [{ identity: {} }] } })).target, 'participants.attendees[0].upn')
  const named = await post({ participants: { attendees: [{ identity: { user: { id: graph.ben.id } } }] } })
  assert.equal(((named.body.participants as Json).attendees as Json[])[0]!.upn, graph.ben.upn)
})
