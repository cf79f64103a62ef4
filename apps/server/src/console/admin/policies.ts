import { html } from '../../common/html.ts'
import { fill } from '../../pages/fill.ts'
import { csrfField, doneNote, linesField, problemNote, table, textField } from '../controls.ts'
import { field } from '../form.ts'
import type { View } from '../layout.ts'
import type { Handler, PageRequest } from '../page-request.ts'
import { doneOf, problemOf } from './shared.ts'
import { adminTexts } from './texts.ts'

/** Application access policies (contract B.18). */
export const showPolicies: Handler = async (visit) => view(visit, null)

export const setPolicy: Handler = async (visit) => {
  const name = field(visit.form, 'name')
  const appIds = (visit.form.get('appIds') ?? '').split(/[\s,;]+/).filter(Boolean)
  try {
    await visit.context.accessPolicies.set(visit.user.tenantId, name, appIds)
  } catch (error) {
    return view(visit, problemOf(error, visit.lang))
  }
  await note(visit, 'policy.set', name, { appIds })
  return '/admin/policies?done=saved'
}

export const deletePolicy: Handler = async (visit) => {
  const name = field(visit.form, 'name')
  if (await visit.context.accessPolicies.delete(visit.user.tenantId, name)) await note(visit, 'policy.delete', name)
  return '/admin/policies?done=deleted'
}

export const grantPolicy: Handler = async (visit) => {
  const { context, user, form, lang } = visit
  const [name, account] = [field(form, 'name'), field(form, 'account')]
  const grantee = account === '' ? undefined : await context.directory.users.findByUpn(account)
  if (account !== '' && grantee?.tenantId !== user.tenantId) return view(visit, adminTexts[lang].problemPerson)
  try {
    await context.accessPolicies.grant(user.tenantId, name, grantee?.id ?? null)
  } catch (error) {
    return view(visit, problemOf(error, lang))
  }
  await note(visit, 'policy.grant', name, { to: grantee?.upn ?? 'tenant' })
  return '/admin/policies?done=saved'
}

export const revokePolicy: Handler = async (visit) => {
  const to = field(visit.form, 'to')
  if (await visit.context.accessPolicies.revoke(visit.user.tenantId, to === 'tenant' ? null : to))
    await note(visit, 'policy.revoke', field(visit.form, 'name'), { to })
  return '/admin/policies?done=saved'
}

async function view(visit: PageRequest, problem: string | null): Promise<View> {
  const { context, user, lang } = visit
  const { csrf } = visit.session
  const text = adminTexts[lang]
  const policies = await context.accessPolicies.list(user.tenantId)
  const people = new Map((await context.directory.users.list(user.tenantId)).map(({ id, upn }) => [id, upn]))
  const grants = (name: string, to: string) =>
    html`<form method="post" action="/admin/policies/revoke">${csrfField(csrf)}<input type="hidden" name="name" value="${name}"><input type="hidden" name="to" value="${to}">${to === 'tenant' ? text.policyWholeTenant : (people.get(to) ?? to)} <button aria-label="${fill('{verb}: {name}', { verb: text.revoke, name: people.get(to) ?? to })}">${text.revoke}</button></form><br>`
  const rows = policies.map(({ name, appIds, grantedTo }) => [
    name,
    html`${appIds.map((id) => html`${id}<br>`)}`,
    html`${grantedTo.map((to) => grants(name, to))}`,
    html`<form method="post" action="/admin/policies/delete">${csrfField(csrf)}<input type="hidden" name="name" value="${name}"><button>${text.remove}</button></form>`,
  ])
  const body = html`<h1>${text.policies}</h1>
${problemNote(problem)}${doneNote(doneOf(visit))}
<p>${context.config.accessPolicy === 'strict' ? text.policyStrict : text.policyOpen}</p>
${rows.length > 0 && table(text.policies, [text.name, text.policyApps, text.policyGranted, text.remove], rows)}
<h2>${text.policyNew}</h2>
<form method="post" action="/admin/policies" class="stack form">${csrfField(csrf)}
${textField('name', text.name, field(visit.form, 'name'), html` required maxlength="128"`)}
${linesField('appIds', text.policyApps, visit.form.get('appIds') ?? '', text.policyAppsHelp, 3)}
<div class="actions"><button class="primary">${text.save}</button></div></form>
${
  policies.length > 0 &&
  html`<h2>${text.policyGrant}</h2>
<form method="post" action="/admin/policies/grant" class="stack form">${csrfField(csrf)}
<div class="field"><label for="policy">${text.name}</label><select id="policy" name="name">${policies.map(({ name }) => html`<option value="${name}">${name}</option>`)}</select></div>
${textField('account', text.policyTo, '', html` maxlength="256" autocapitalize="none"`)}
<div class="actions"><button>${text.grant}</button></div></form>`
}`
  return { title: text.policies, body, status: problem === null ? 200 : 400 }
}

async function note(visit: PageRequest, action: string, name: string, detail: Record<string, unknown> = {}): Promise<void> {
  await visit.context.audit.record(visit.actor, action, { id: name, name }, detail)
}
