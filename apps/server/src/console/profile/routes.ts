import type { FastifyInstance } from 'fastify'
import { html } from '../../common/html.ts'
import { fill } from '../../pages/fill.ts'
import type { ConsoleContext } from '../console-context.ts'
import { csrfField, doneNote, problemNote, table, textField } from '../controls.ts'
import { field } from '../form.ts'
import type { View } from '../layout.ts'
import { type Handler, type PageRequest, signedIn } from '../page-request.ts'
import { describeScope, signInTexts } from '../sign-in/texts.ts'
import { inWords } from '../zone.ts'
import { ownTexts } from './texts.ts'

/** `/account`: a person's password, sessions and the applications they allowed. */
export async function profileRoutes(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  const { get, post } = signedIn(app, context, { admin: false })
  get('/account', async (visit) => view(visit, null))
  post('/account/password', changePassword)
  post('/account/sessions', endSession)
  post('/account/consents', withdraw)
}

const changePassword: Handler = async (visit) => {
  const { context, user, form, lang, request, session } = visit
  const text = ownTexts[lang]
  const next = form.get('next') ?? ''
  if (next.length < 8 || next.length > 1024) return view(visit, text.short)
  const outcome = await context.passwords.verify(user.upn, form.get('current') ?? '', {
    address: request.ip,
    session: session.idHash,
  })
  if (outcome.kind === 'wait') return view(visit, fill(text.wait, { seconds: outcome.seconds }))
  if (outcome.kind === 'wrong') return view(visit, text.wrong)
  await context.directory.users.setPassword(user.id, next)
  visit.setCookie(await context.sessions.start(request, outcome.user))
  await note(visit, 'user.passwordChange')
  return '/account?done=saved'
}

const endSession: Handler = async (visit) => {
  await visit.context.sessions.endOne(visit.user.id, field(visit.form, 'session'))
  await note(visit, 'session.end')
  return '/account?done=saved'
}

const withdraw: Handler = async (visit) => {
  const clientId = field(visit.form, 'clientId')
  if (await visit.context.consents.withdraw(visit.user.id, clientId)) await note(visit, 'consent.withdraw', { clientId })
  return '/account?done=saved'
}

async function view(visit: PageRequest, problem: string | null): Promise<View> {
  const { context, user, lang, session, query } = visit
  const text = ownTexts[lang]
  const names = new Map((await context.directory.applications.list(user.tenantId)).map((app) => [app.clientId, app.displayName]))
  const consents = (await context.consents.list(user.id)).map(({ clientId, scopes }) => [
    names.get(clientId) ?? clientId,
    html`<ul class="scopes">${scopes.map((scope) => html`<li>${describeScope(signInTexts[lang], scope) ?? scope}</li>`)}</ul>`,
    html`<form method="post" action="/account/consents">${csrfField(session.csrf)}<input type="hidden" name="clientId" value="${clientId}"><button aria-label="${text.withdraw}: ${names.get(clientId) ?? clientId}">${text.withdraw}</button></form>`,
  ])
  const sessions = (await context.sessions.list(user.id)).map((each) => [
    each.user_agent,
    each.address,
    inWords(each.created_at, 'UTC', lang),
    each.id_hash === session.idHash
      ? text.here
      : html`<form method="post" action="/account/sessions">${csrfField(session.csrf)}<input type="hidden" name="session" value="${each.id_hash}"><button aria-label="${text.end}: ${each.address} ${each.user_agent}">${text.end}</button></form>`,
  ])
  const body = html`<h1>${text.title}</h1>
${problemNote(problem)}${doneNote(query.get('done') === 'saved' ? text.done : undefined)}
<dl><dt>${text.account}</dt><dd>${user.upn}</dd><dt>${text.name}</dt><dd><bdi>${user.displayName}</bdi></dd></dl>
<h2>${text.password}</h2>
<form method="post" action="/account/password" class="stack form">${csrfField(session.csrf)}
<input type="text" name="username" value="${user.upn}" autocomplete="username" hidden>
${textField('current', text.current, '', html` type="password" required maxlength="1024" autocomplete="current-password"`)}
${textField('next', text.next, '', html` type="password" required minlength="8" maxlength="1024" autocomplete="new-password" aria-describedby="next-help"`)}
<span class="soft" id="next-help">${text.nextHelp}</span>
<div class="actions"><button class="primary">${text.save}</button></div></form>
<h2>${text.applications}</h2>
${consents.length === 0 ? html`<p>${text.none}</p>` : table(text.applications, [text.application, text.may, text.withdraw], consents)}
<h2>${text.sessions}</h2>
${table(text.sessions, [text.browser, text.from, `${text.since} (UTC)`, text.end], sessions)}`
  return { title: text.title, body, status: problem === null ? 200 : 400 }
}

async function note(visit: PageRequest, action: string, detail: Record<string, unknown> = {}): Promise<void> {
  await visit.context.audit.record(visit.actor, action, { id: visit.user.id, name: visit.user.upn }, detail)
}
