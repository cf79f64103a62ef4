// tier: quick, 22 s
// The organizer's and the administrator's pages, as a browser without scripts sees them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parley } from '../lib/cli.ts'
import { appToken, type Server, startServer } from '../lib/server.ts'
import { decode, formsOf, Visitor } from './lib/visitor.ts'

let server: Server
let heidi: Visitor
let ines: Visitor
before(async () => {
  server = await startServer()
  heidi = new Visitor(server.url)
  ines = new Visitor(server.url)
  await heidi.signIn(server.dev.users[0]!)
  await ines.signIn(server.dev.users[1]!)
})
after(async () => server[Symbol.asyncDispose]())

async function ok(running: ReturnType<typeof parley>): Promise<string> {
  const { code, stdout, stderr } = await running
  assert.equal(code, 0, stderr)
  return stdout
}

const idOf = (url: string) => /\/meetings\/(\d+)/.exec(url)![1]!

test('an organizer makes a meeting, edits it, sets options, cancels, restores and deletes it', async (t) => {
  const form = await heidi.get('/meetings/new')
  const made = await heidi.submit(
    form,
    {
      subject: 'Plan <b>2027</b>',
      kind: 'scheduled',
      start: '2027-03-01T10:00',
      end: '2027-03-01T11:00',
      zone: 'Europe/Madrid',
      scope: 'organization',
      attendees: 'ines@parley.example\nguest@elsewhere.example',
      presenters: 'speaker@elsewhere.example',
      coorganizers: '',
    },
    '/meetings',
  )
  const id = idOf(made.url)
  assert.match(made.text, /The meeting was created/)
  assert.match(made.text, /Plan &lt;b&gt;2027&lt;\/b&gt;/)
  assert.match(decode(made.text), /Inés Cordero/)
  assert.match(made.text, /invitation=/, 'personal links for people outside')
  assert.match(made.text, /Keys during the call: \*6 microphone off or on/, 'the text to send names the keys')

  await t.test('it is the same meeting at Graph', async () => {
    const token = await appToken(server.dev)
    const response = await fetch(`${server.url}/beta/app/onlineMeetings/${id}`, { headers: { authorization: `Bearer ${token}` } })
    const meeting = (await response.json()) as Record<string, unknown>
    assert.equal(meeting.startDateTime, '2027-03-01T09:00:00Z')
    assert.equal(meeting.accessLevel, 'sameEnterprise')
    assert.equal(meeting.subject, 'Plan <b>2027</b>')
  })

  const edit = await heidi.get(`/meetings/${id}/edit`)
  assert.equal(formsOf(edit.text)[1]!.fields.attendees!.trim(), 'ines@parley.example\nguest@elsewhere.example')
  const edited = await heidi.submit(edit, { subject: 'Plan 2028' }, `/meetings/${id}`)
  assert.match(edited.text, /Plan 2028/)
  const late = await heidi.submit(edit, { subject: 'Too late' }, `/meetings/${id}`)
  assert.equal(late.status, 409)
  assert.match(late.text, /Somebody was faster/)

  const options = await heidi.get(`/meetings/${id}/options`)
  const saved = await heidi.submit(options, { allowedPresenters: 'roleIsPresenter', allowMeetingChat: 'disabled' }, '/options')
  assert.match(saved.text, /Saved/)
  assert.equal(formsOf(saved.text).find(({ action }) => action.endsWith('/options'))!.fields.allowedPresenters, 'roleIsPresenter')
  const leader = await heidi.submit(saved, {}, '/leader')
  assert.match(leader.text, /<strong>\d{12} #<\/strong>/)

  const page = await heidi.get(`/meetings/${id}`)
  const cancelled = await heidi.submit(page, {}, '/cancel')
  assert.match(cancelled.text, /The meeting was cancelled/)
  const restored = await heidi.submit(cancelled, {}, '/restore')
  assert.match(restored.text, /open again/)
  const deleted = await heidi.submit(restored, {}, '/delete')
  assert.match(deleted.text, /was deleted/)
  assert.equal((await heidi.get(`/meetings/${id}`)).status, 404)
})

test('the calendar file, the QR code and the attendance of a meeting', async () => {
  const made = await heidi.submit(await heidi.get('/meetings/new'), { subject: 'Files' }, '/meetings')
  const id = idOf(made.url)
  const ics = await heidi.get(`/meetings/${id}/calendar.ics`)
  assert.match(ics.headers.get('content-type')!, /text\/calendar/)
  assert.match(ics.text, /BEGIN:VEVENT[\s\S]*SUMMARY:Files/)
  const qr = await heidi.get(`/meetings/${id}/qr.svg`)
  assert.match(qr.headers.get('content-type')!, /image\/svg\+xml/)
  assert.match((await heidi.get(`/meetings/${id}/attendance`)).text, /Nobody has been in this meeting/)
  assert.equal((await heidi.get(`/meetings/${id}/attendance/00000000-0000-0000-0000-000000000000.csv`)).status, 404)
})

test("a meeting can be taken away whole by its organizer and the administrator; a person's traces can be erased", async () => {
  const made = await ines.submit(await ines.get('/meetings/new'), { subject: 'Takeout' }, '/meetings')
  const id = idOf(made.url)
  for (const answer of [await ines.get(`/meetings/${id}/export.json`), await heidi.get(`/admin/meetings/${id}/export.json`)]) {
    assert.match(answer.headers.get('content-disposition')!, /^attachment/)
    const whole = JSON.parse(answer.text) as { meeting: { subject: string }; attendance: unknown[]; chat: unknown }
    assert.equal(whole.meeting.subject, 'Takeout')
    assert.deepEqual(whole.attendance, [])
  }
  assert.equal((await heidi.get(`/meetings/${id}/export.json`)).status, 404, 'not as an organizer')
  assert.equal((await ines.get(`/admin/meetings/${id}/export.json`)).status, 403)
  const person = await heidi.get(`/admin/users/${server.dev.users[1]!.id}`)
  assert.match((await heidi.submit(person, {}, '/erase')).text, /traces were erased/)
  const log = decode((await heidi.get('/admin/audit')).text)
  for (const action of ['meeting.export', 'user.erase']) assert.ok(log.includes(action), action)
})

test('forms that say something impossible come back with what was typed and why', async () => {
  const form = await heidi.get('/meetings/new')
  const wrong = [
    [{ start: '2027-03-01T10:00', end: '2027-03-01T09:00' }, /start and an end after it/],
    [{ start: 'tomorrow' }, /start and an end after it/],
    [{ attendees: 'not an address' }, /is not an address/],
    [{ subject: 'x'.repeat(501) }, /at most 500 characters/],
    [{ scope: 'nobody' }, /does not exist/],
    [{ kind: '__proto__' }, /does not exist/],
  ] as const
  for (const [fields, said] of wrong) {
    const page = await heidi.submit(form, { attendees: 'kept@parley.example', ...fields }, '/meetings')
    assert.equal(page.status, 400)
    assert.match(page.text, said)
    if (!('attendees' in fields)) assert.match(page.text, /kept@parley\.example/)
  }
})

test("another person's meetings cannot be seen or changed", async () => {
  const made = await heidi.submit(await heidi.get('/meetings/new'), { subject: 'Private' }, '/meetings')
  const path = `/meetings/${idOf(made.url)}`
  for (const rest of ['', '/edit', '/options', '/attendance', '/calendar.ics', '/qr.svg'])
    assert.equal((await ines.get(path + rest)).status, 404, rest)
  const csrf = formsOf((await ines.get('/meetings/new')).text)[0]!.fields.csrf!
  for (const rest of ['', '/options', '/cancel', '/restore', '/delete', '/leader'])
    assert.equal((await ines.post(path + rest, { csrf, revision: '1' })).status, 404, rest)
  assert.equal((await heidi.get(path)).status, 200)
  assert.equal((await ines.get('/meetings')).text.includes('Private'), false)
})

test('every change needs the token of its own session and a page of ours', async () => {
  const made = await heidi.submit(await heidi.get('/meetings/new'), { subject: 'Guarded' }, '/meetings')
  const path = `/meetings/${idOf(made.url)}`
  const mine = formsOf(made.text)[0]!.fields.csrf!
  const theirs = formsOf((await ines.get('/meetings/new')).text)[0]!.fields.csrf!
  for (const attempt of [
    heidi.post(`${path}/delete`, {}),
    heidi.post(`${path}/delete`, { csrf: 'wrong' }),
    heidi.post(`${path}/delete`, { csrf: theirs }),
    heidi.post(`${path}/delete`, { csrf: mine }, { 'sec-fetch-site': 'cross-site' }),
    heidi.post(`${path}/delete`, { csrf: mine }, { 'sec-fetch-site': 'same-site' }),
    new Visitor(server.url).post(`${path}/delete`, { csrf: mine }),
  ])
    assert.equal((await attempt).status, 403)
  assert.equal((await heidi.get(path)).status, 200)
})

test('the administration is for administrators', async () => {
  for (const page of [
    '',
    '/users',
    '/applications',
    '/policies',
    '/meetings',
    '/refusals',
    '/deliveries',
    '/settings',
    '/audit',
  ]) {
    const answer = await heidi.get(`/admin${page}`)
    assert.equal(answer.status, 200, page)
    assert.equal((await ines.get(`/admin${page}`)).status, 403, page)
  }
  const csrf = formsOf((await ines.get('/meetings/new')).text)[0]!.fields.csrf!
  const fields = { csrf, upn: 'evil@parley.example', displayName: 'Evil', isAdmin: 'on' }
  assert.equal((await ines.post('/admin/users', fields)).status, 403)
  assert.equal((await ines.get('/meetings')).text.includes('href="/admin"'), false)
})

test('people: made, signed in, disabled at once, password set, deleted; the own account is safe', async () => {
  const list = await heidi.get('/admin/users')
  const suggested = formsOf(list.text).find(({ action }) => action === '/admin/users')!.fields.password!
  assert.ok(suggested.length >= 16)
  const made = await heidi.submit(
    list,
    { upn: 'ana@parley.example', displayName: 'Ana <i>', password: suggested },
    '/admin/users',
  )
  assert.match(made.text, /Ana &lt;i&gt;/)
  const path = new URL(made.url).pathname
  const ana = new Visitor(server.url)
  assert.equal(new URL((await ana.signIn({ upn: 'ana@parley.example', password: suggested })).url).pathname, '/meetings')
  const form = formsOf(made.text).find(({ action }) => action === path)!
  const { enabled: _, ...without } = form.fields
  await heidi.post(path, without)
  assert.match((await ana.get('/meetings')).url, /\/signin/, 'her session ends at once')
  assert.equal((await ana.signIn({ upn: 'ana@parley.example', password: suggested })).status, 401)
  const wrong = await heidi.submit(
    await heidi.get('/admin/users'),
    { upn: 'ana@elsewhere.example', displayName: 'A' },
    '/admin/users',
  )
  assert.match(wrong.text, /must have the form name@parley\.example/)
  const own = `/admin/users/${server.dev.users[0]!.id}`
  const csrf = form.fields.csrf!
  for (const [action, fields] of [
    [own, { displayName: 'Heidi', enabled: 'on' }],
    [own, { displayName: 'Heidi', isAdmin: 'on' }],
    [`${own}/delete`, {}],
  ] as const)
    assert.equal((await heidi.post(action, { csrf, ...fields })).status, 400)
  const deleted = await heidi.post(`${path}/delete`, { csrf })
  assert.match(deleted.text, /Deleted/)
})

test('applications: the secret is shown once and works; redirect URIs are checked', async () => {
  const made = await heidi.submit(await heidi.get('/admin/applications'), { displayName: 'Robot' }, '/admin/applications')
  const path = new URL(made.url).pathname
  const form = formsOf(made.text).find(({ action }) => action === path)!
  const saved = await heidi.post(path, {
    ...form.fields,
    roles: 'OnlineMeetings.ReadWrite.All',
    redirectUris: 'http://localhost\nhttps://robot.example/back',
  })
  assert.match(saved.text, /Saved/)
  const bad = await heidi.post(path, { ...form.fields, redirectUris: 'http://robot.example/back' })
  assert.equal(bad.status, 400)
  const shown = await heidi.submit(saved, { name: 'test' }, '/secrets')
  const secret = decode(/id="secret">([^<]+)</.exec(shown.text)![1]!)
  assert.equal((await heidi.get(path)).text.includes(secret), false)
  const clientId = /<dd>([0-9a-f-]{36})<\/dd>/.exec(shown.text)![1]!
  const token = await appToken({ ...server.dev, clientId, clientSecret: secret })
  assert.ok(token.length > 100)
  assert.equal(server.output().stderr.includes(secret), false)
})

test('the command line: passwords, administrators and redirect URIs; the audit log has it all, and no password', async () => {
  const run = async (...args: string[]) => JSON.parse(await ok(parley(server, ...args, '--json'))) as Record<string, string>
  const upn = 'otto@parley.example'
  const first = await run('user', 'create', '--upn', upn, '--name', 'Otto', '--password')
  const otto = new Visitor(server.url)
  assert.equal(new URL((await otto.signIn({ upn, password: first.password! })).url).pathname, '/meetings')
  const second = await run('user', 'password', upn)
  assert.notEqual(second.password, first.password)
  assert.match((await otto.get('/meetings')).url, /\/signin/, 'a new password ends sessions')
  assert.equal((await otto.signIn({ upn, password: first.password! })).status, 401)
  await otto.signIn({ upn, password: second.password! })
  assert.equal((await otto.get('/admin')).status, 403)
  assert.deepEqual(await run('user', 'admin', upn, 'on'), { upn, admin: true })
  assert.equal((await otto.get('/admin')).status, 200)
  await run('user', 'admin', upn, 'off')
  assert.equal((await otto.get('/admin')).status, 403)
  assert.notEqual((await parley(server, 'user', 'admin', upn, 'perhaps')).code, 0)

  const app = await run('app', 'create', '--name', 'Phone app')
  const uris = ['http://localhost', 'https://phone.example/back']
  assert.deepEqual((await run('app', 'redirect-uris', app.id!, ...uris, '--public')).redirectUris, uris)
  assert.match(decode((await heidi.get(`/admin/applications/${app.id}`)).text), /https:\/\/phone\.example\/back/)
  const bad = await parley(server, 'app', 'redirect-uris', app.id!, 'http://phone.example/back')
  assert.notEqual(bad.code, 0)

  const log = decode((await heidi.get('/admin/audit')).text)
  assert.match(log, /\(parley\)/)
  for (const action of ['user.passwordSet', 'user.update', 'application.update']) assert.ok(log.includes(action), action)
  for (const { password } of [first, second]) assert.equal(log.includes(password!), false)
})

test('the page of refusals says why no token was given and why somebody was not let in, and holds no secret', async () => {
  const { dev } = server
  const form = { grant_type: 'client_credentials', client_id: dev.clientId, scope: 'https://graph.microsoft.com/.default' }
  const guessed = 'guessed-secret-1234567890'
  const unknown = '6f2c8f3e-0000-4000-8000-000000000000'
  for (const more of [{ client_secret: guessed }, { client_secret: guessed }, { client_secret: guessed, client_id: unknown }])
    await fetch(dev.tokenUrl, { method: 'POST', body: new URLSearchParams({ ...form, ...more }) })
  const token = await appToken(dev)
  const made = await fetch(`${server.url}/v1.0/users/${dev.users[0]!.id}/onlineMeetings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ lobbyBypassSettings: { scope: 'invited' }, joinMeetingIdSettings: { isPasscodeRequired: true } }),
  })
  const meeting = (await made.json()) as {
    chatInfo: { threadId: string }
    joinMeetingIdSettings: { joinMeetingId: string; passcode: string }
  }
  const { joinMeetingId, passcode } = meeting.joinMeetingIdSettings
  const ask = (body: unknown) =>
    fetch(`${server.url}/api/door/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Grace Guest', ...(body as object) }),
    })
  assert.equal((await ask({ link: { threadId: meeting.chatInfo.threadId } })).status, 201)
  assert.equal((await ask({ code: { meetingId: joinMeetingId, passcode: 'nonsense-passcode' } })).status, 403)
  const page = decode((await heidi.get('/admin/refusals')).text)
  assert.match(page, /AADSTS7000215/)
  assert.match(page, /AADSTS700016/)
  assert.ok(page.includes(`enter ${joinMeetingId} by link`) && page.includes('waiting: not among the attendees'))
  assert.ok(page.includes(`enter ${joinMeetingId} by code`) && page.includes('The passcode is wrong'))
  for (const kept of [guessed, unknown, passcode, 'nonsense-passcode', 'Grace Guest'])
    assert.equal(page.includes(kept), false, kept)
})

test("another tenant's things are invisible to an administrator", async () => {
  await server.stop()
  const run = async (...args: string[]) => JSON.parse(await ok(parley(server, ...args, '--json'))) as { id: string }
  const tenant = await run('tenant', 'create', '--domain', 'other.example', '--name', 'Other')
  const user = await run('user', 'create', '--tenant', tenant.id, '--upn', 'eve@other.example', '--name', 'Eve')
  const app = await run('app', 'create', '--tenant', tenant.id, '--name', 'Foreign')
  server = await server.restart()
  assert.equal((await heidi.get('/admin')).status, 200)
  for (const page of ['', '/users', '/applications', '/policies', '/meetings', '/audit'])
    assert.doesNotMatch((await heidi.get(`/admin${page}`)).text, /other\.example|Foreign/, page)
  const csrf = formsOf((await heidi.get('/admin/users')).text)[0]!.fields.csrf!
  for (const path of [`/admin/users/${user.id}`, `/admin/applications/${app.id}`]) {
    assert.equal((await heidi.get(path)).status, 404, path)
    for (const rest of ['', '/delete']) assert.equal((await heidi.post(path + rest, { csrf })).status, 404, path + rest)
  }
  for (const rest of ['secrets', 'certificates', 'credentials/x/delete'])
    assert.equal((await heidi.post(`/admin/applications/${app.id}/${rest}`, { csrf })).status, 404, rest)
  assert.equal((await heidi.post(`/admin/users/${user.id}/password`, { csrf, password: 'stolen-password' })).status, 404)
})

test('the audit log says who did what, on what, from where, and holds no secret', async () => {
  const page = decode((await heidi.get('/admin/audit')).text)
  for (const action of [
    'user.create',
    'user.update',
    'user.delete',
    'application.create',
    'application.secretAdd',
    'meeting.create',
    'signIn',
  ])
    assert.ok(page.includes(action), action)
  assert.match(page, /heidi@parley\.example/)
  assert.match(page, /127\.0\.0\.1|::1/)
})
