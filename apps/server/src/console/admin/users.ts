import { html } from '../../common/html.ts'
import type { User } from '../../identity/directory.ts'
import { DirectoryError } from '../../identity/directory-error.ts'
import { newPassword } from '../../identity/secret-hash.ts'
import { fill } from '../../pages/fill.ts'
import { checkField, confirmForm, csrfField, doneNote, problemNote, table, textField } from '../controls.ts'
import { field } from '../form.ts'
import type { View } from '../layout.ts'
import { PageError } from '../page-error.ts'
import type { Handler, PageRequest } from '../page-request.ts'
import { doneOf, problemOf } from './shared.ts'
import { adminTexts } from './texts.ts'

/** People of the tenant. */
export const listUsers: Handler = async (visit) => listView(visit, null)

export const createUser: Handler = async (visit) => {
  const { form, context, user, lang } = visit
  const tenant = (await context.directory.tenants.find(user.tenantId))!
  const upn = field(form, 'upn').toLowerCase()
  const password = form.get('password') ?? ''
  if (!upn.endsWith(`@${tenant.domain}`)) return listView(visit, fill(adminTexts[lang].problemUpn, { domain: tenant.domain }))
  if (password !== '' && (password.length < 8 || password.length > 1024)) return listView(visit, adminTexts[lang].problemPassword)
  try {
    const created = await context.directory.users.create({
      tenantId: user.tenantId,
      upn,
      displayName: field(form, 'displayName'),
      isAdmin: form.has('isAdmin'),
      ...(password === '' ? {} : { password }),
    })
    await note(visit, 'user.create', created, { admin: created.isAdmin })
    return `/admin/users/${created.id}?done=saved`
  } catch (error) {
    return listView(visit, problemOf(error, lang))
  }
}

export const showUser: Handler = async (visit) => userView(visit, await userOf(visit), null)

export const changeUser: Handler = async (visit) => {
  const user = await userOf(visit)
  const { form, context, lang } = visit
  const [enabled, isAdmin] = [form.has('enabled'), form.has('isAdmin')]
  if (user.id === visit.user.id && (!enabled || !isAdmin)) return userView(visit, user, adminTexts[lang].problemOwn)
  try {
    await context.directory.users.setNames(user.id, {
      displayName: field(form, 'displayName'),
      mail: field(form, 'mail') || null,
    })
  } catch (error) {
    return userView(visit, user, problemOf(error, lang))
  }
  if (enabled !== user.enabled) await context.directory.users.setEnabled(user.id, enabled)
  if (isAdmin !== user.isAdmin) await context.directory.users.setAdmin(user.id, isAdmin)
  await note(visit, 'user.update', user, { enabled, admin: isAdmin })
  return `/admin/users/${user.id}?done=saved`
}

export const setPassword: Handler = async (visit) => {
  const user = await userOf(visit)
  const password = visit.form.get('password') ?? ''
  try {
    await visit.context.directory.users.setPassword(user.id, password === '' ? null : password)
  } catch (error) {
    if (error instanceof DirectoryError) return userView(visit, user, adminTexts[visit.lang].problemPassword)
    throw error
  }
  await note(visit, password === '' ? 'user.passwordRemove' : 'user.passwordSet', user)
  return `/admin/users/${user.id}?done=saved`
}

export const deleteUser: Handler = async (visit) => {
  const user = await userOf(visit)
  if (user.id === visit.user.id) return userView(visit, user, adminTexts[visit.lang].problemOwn)
  await visit.context.directory.users.delete(user.id)
  await note(visit, 'user.delete', user)
  return '/admin/users?done=deleted'
}

/** Take a person's traces out of meetings: admissions, attendance and chat stay countable, but nobody's. */
export const eraseUser: Handler = async (visit) => {
  const user = await userOf(visit)
  const touched = await visit.context.rooms.records.erase({ userId: user.id })
  await note(visit, 'user.erase', user, touched)
  return `/admin/users/${user.id}?done=erased`
}

export const withdrawConsent: Handler = async (visit) => {
  const user = await userOf(visit)
  const clientId = field(visit.form, 'clientId')
  if (await visit.context.consents.withdraw(user.id, clientId)) await note(visit, 'consent.withdraw', user, { clientId })
  return `/admin/users/${user.id}?done=saved`
}

async function listView(visit: PageRequest, problem: string | null): Promise<View> {
  const { context, session, lang, user, form } = visit
  const text = adminTexts[lang]
  const users = await context.directory.users.list(user.tenantId)
  const rows = users.map((each) => [
    html`<a href="/admin/users/${each.id}">${each.upn}</a>`,
    html`<bdi>${each.displayName}</bdi>`,
    each.isAdmin ? text.administrator : '',
    each.enabled ? text.enabled : text.disabled,
  ])
  const body = html`<h1>${text.people}</h1>
${problemNote(problem)}${doneNote(doneOf(visit))}
${table(text.people, [text.account, text.name, text.administrator, text.enabled], rows)}
<h2>${text.newPerson}</h2>
<form method="post" action="/admin/users" class="stack form" autocomplete="off">${csrfField(session.csrf)}
${textField('upn', text.account, field(form, 'upn'), html` required maxlength="256" autocapitalize="none" spellcheck="false"`)}
${textField('displayName', text.name, field(form, 'displayName'), html` required maxlength="256"`)}
${textField('password', text.password, problem === null ? newPassword() : '', html` maxlength="1024" autocomplete="new-password" spellcheck="false" class="secret" aria-describedby="password-help"`)}
<span class="soft" id="password-help">${text.passwordHelp}</span>
${checkField('isAdmin', text.administrator, form.has('isAdmin'))}
<div class="actions"><button class="primary">${text.add}</button></div></form>`
  return { title: text.people, body, status: problem === null ? 200 : 400 }
}

async function userView(visit: PageRequest, user: User, problem: string | null): Promise<View> {
  const { context, session, lang } = visit
  const text = adminTexts[lang]
  const path = `/admin/users/${user.id}`
  const consents = await context.consents.list(user.id)
  const names = new Map((await context.directory.applications.list(user.tenantId)).map((app) => [app.clientId, app.displayName]))
  const rows = consents.map(({ clientId, scopes }) => [
    names.get(clientId) ?? clientId,
    scopes.join(' '),
    html`<form method="post" action="${path}/consents">${csrfField(session.csrf)}<input type="hidden" name="clientId" value="${clientId}"><button>${text.withdraw}</button></form>`,
  ])
  const body = html`<p class="soft">${user.upn}</p><h1><bdi>${user.displayName}</bdi></h1>
${problemNote(problem)}${doneNote(doneOf(visit))}
<dl><dt>${text.objectId}</dt><dd>${user.id}</dd></dl>
<form method="post" action="${path}" class="stack form">${csrfField(session.csrf)}
${textField('displayName', text.name, user.displayName, html` required maxlength="256"`)}
${textField('mail', text.email, user.mail ?? '', html` type="email" maxlength="256"`)}
${checkField('enabled', text.enabled, user.enabled)}
${checkField('isAdmin', text.administrator, user.isAdmin)}
<div class="actions"><button class="primary">${text.save}</button></div></form>
<h2>${text.newPassword}</h2>
<form method="post" action="${path}/password" class="stack form">${csrfField(session.csrf)}
${textField('password', text.newPassword, '', html` type="password" maxlength="1024" autocomplete="new-password" aria-describedby="password-help"`)}
<span class="soft" id="password-help">${text.passwordHelp} ${text.setPasswordAbout}</span>
<div class="actions"><button>${text.setPassword}</button></div></form>
<h2>${text.consents}</h2>
${rows.length === 0 ? html`<p>${text.none}</p>` : table(text.consents, [text.application, text.roles, text.withdraw], rows)}
<h2>${text.remove}</h2>
<div class="actions">${confirmForm(`${path}/erase`, session.csrf, text.erasePerson, text.erasePersonAbout, text.confirm)}
${confirmForm(`${path}/delete`, session.csrf, text.deletePerson, text.deletePersonAbout, text.confirm)}</div>`
  return { title: user.displayName, body, status: problem === null ? 200 : 400 }
}

/** Somebody of the administrator's tenant; others are told that there is nobody. */
async function userOf(visit: PageRequest): Promise<User> {
  const user = await visit.context.directory.users.find(visit.user.tenantId, visit.params.id ?? '')
  if (user === undefined) throw new PageError('missing')
  return user
}

async function note(visit: PageRequest, action: string, user: User, detail: Record<string, unknown> = {}): Promise<void> {
  await visit.context.audit.record(visit.actor, action, { id: user.id, name: user.upn }, detail)
}
