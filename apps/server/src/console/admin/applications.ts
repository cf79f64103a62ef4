import { type Html, html } from '../../common/html.ts'
import type { Application } from '../../identity/directory.ts'
import { applicationPermissions } from '../../identity/permissions.ts'
import { checkField, confirmForm, csrfField, doneNote, linesField, problemNote, table, textField } from '../controls.ts'
import { field } from '../form.ts'
import type { View } from '../layout.ts'
import { PageError } from '../page-error.ts'
import type { Handler, PageRequest } from '../page-request.ts'
import { inWords } from '../zone.ts'
import { doneOf, problemOf } from './shared.ts'
import { adminTexts } from './texts.ts'

/** Applications of the tenant. */
export const listApplications: Handler = async (visit) => listView(visit, null)

export const createApplication: Handler = async (visit) => {
  try {
    const application = await visit.context.directory.applications.create({
      tenantId: visit.user.tenantId,
      displayName: field(visit.form, 'displayName'),
      roles: [],
    })
    await note(visit, 'application.create', application)
    return `/admin/applications/${application.id}?done=saved`
  } catch (error) {
    return listView(visit, problemOf(error, visit.lang))
  }
}

export const showApplication: Handler = async (visit) => applicationView(visit, await applicationOf(visit))

export const changeApplication: Handler = async (visit) => {
  const application = await applicationOf(visit)
  const { form, context, lang } = visit
  const redirectUris = (form.get('redirectUris') ?? '').split(/\s+/).filter(Boolean)
  const roles = form.getAll('roles')
  const [isPublic, enabled] = [form.has('isPublic'), form.has('enabled')]
  try {
    await context.directory.applications.setRedirectUris(application.id, redirectUris)
    await context.directory.applications.grant(application.id, roles)
  } catch (error) {
    return applicationView(visit, application, { problem: problemOf(error, lang) })
  }
  await context.directory.applications.setPublic(application.id, isPublic)
  await context.directory.applications.setEnabled(application.id, enabled)
  await note(visit, 'application.update', application, { roles, redirectUris, public: isPublic, enabled })
  return `/admin/applications/${application.id}?done=saved`
}

export const addSecret: Handler = async (visit) => {
  const application = await applicationOf(visit)
  const years = Number(field(visit.form, 'years') || '2')
  if (!Number.isInteger(years) || years < 1 || years > 10)
    return applicationView(visit, application, { problem: adminTexts[visit.lang].problemYears })
  const displayName = field(visit.form, 'name').slice(0, 100) || null
  const { secret, credential } = await visit.context.directory.credentials.addSecret(application.id, {
    years,
    ...(displayName === null ? {} : { displayName }),
  })
  await note(visit, 'application.secretAdd', application, { credential: credential.id, name: displayName })
  // The one answer that holds it; the page is never stored (Cache-Control: no-store).
  return applicationView(visit, application, { secret })
}

export const addCertificate: Handler = async (visit) => {
  const application = await applicationOf(visit)
  try {
    const credential = await visit.context.directory.credentials.addCertificate(application.id, visit.form.get('pem') ?? '')
    await note(visit, 'application.certificateAdd', application, { thumbprint: credential.thumbprintSha256 })
  } catch (error) {
    return applicationView(visit, application, { problem: problemOf(error, visit.lang) })
  }
  return `/admin/applications/${application.id}?done=saved`
}

export const deleteCredential: Handler = async (visit) => {
  const application = await applicationOf(visit)
  const credential = visit.params.credential ?? ''
  if (!(await visit.context.directory.credentials.delete(application.id, credential))) throw new PageError('missing')
  await note(visit, 'application.credentialDelete', application, { credential })
  return `/admin/applications/${application.id}?done=deleted`
}

export const deleteApplication: Handler = async (visit) => {
  const application = await applicationOf(visit)
  await visit.context.directory.applications.delete(application.id)
  await note(visit, 'application.delete', application)
  return '/admin/applications?done=deleted'
}

async function listView(visit: PageRequest, problem: string | null): Promise<View> {
  const text = adminTexts[visit.lang]
  const applications = await visit.context.directory.applications.list(visit.user.tenantId)
  const rows = applications.map((each) => [
    html`<a href="/admin/applications/${each.id}">${each.displayName}</a>`,
    each.clientId,
    each.enabled ? text.enabled : text.disabled,
  ])
  const body = html`<h1>${text.applications}</h1>
${problemNote(problem)}${doneNote(doneOf(visit))}
${rows.length === 0 ? html`<p>${text.none}</p>` : table(text.applications, [text.name, text.clientId, text.enabled], rows)}
<h2>${text.newApplication}</h2>
<form method="post" action="/admin/applications" class="stack form">${csrfField(visit.session.csrf)}
${textField('displayName', text.name, field(visit.form, 'displayName'), html` required maxlength="256"`)}
<div class="actions"><button class="primary">${text.add}</button></div></form>`
  return { title: text.applications, body, status: problem === null ? 200 : 400 }
}

async function applicationView(
  visit: PageRequest,
  application: Application,
  { problem = null, secret = null }: { problem?: string | null; secret?: string | null } = {},
): Promise<View> {
  const text = adminTexts[visit.lang]
  const path = `/admin/applications/${application.id}`
  const { csrf } = visit.session
  const held = new Set(application.roles)
  const redirectUris = application.redirectUris.join('\n')
  const body = html`<h1>${application.displayName}</h1>
${problemNote(problem)}${doneNote(doneOf(visit))}
${secret !== null && html`<div class="done" role="status"><p>${text.secretShown}</p><p><code class="secret" id="secret">${secret}</code></p></div>`}
<dl><dt>${text.clientId}</dt><dd>${application.clientId}</dd><dt>${text.objectId}</dt><dd>${application.id}</dd></dl>
<form method="post" action="${path}" class="stack form">${csrfField(csrf)}
${checkField('enabled', text.enabled, application.enabled)}
<fieldset><legend>${text.roles}</legend><p class="soft">${text.rolesAbout}</p>${applicationPermissions.map((role) => checkField('roles', role, held.has(role), role))}</fieldset>
${linesField('redirectUris', text.redirectUris, redirectUris, text.redirectUrisHelp)}
${checkField('isPublic', text.publicClient, application.isPublic)}
<div class="actions"><button class="primary">${text.save}</button></div></form>
${await credentialsView(visit, application, path)}
<h2>${text.remove}</h2>
${confirmForm(`${path}/delete`, csrf, text.deleteApplication, text.deleteApplicationAbout, text.confirm)}`
  return { title: application.displayName, body, status: problem === null ? 200 : 400 }
}

async function credentialsView(visit: PageRequest, application: Application, path: string): Promise<Html> {
  const text = adminTexts[visit.lang]
  const { csrf } = visit.session
  const credentials = await visit.context.directory.credentials.of(application.id)
  const remove = (id: string) =>
    html`<form method="post" action="${path}/credentials/${id}/delete">${csrfField(csrf)}<button>${text.remove}</button></form>`
  const secrets = credentials.filter(({ kind }) => kind === 'secret')
  const certificates = credentials.filter(({ kind }) => kind === 'certificate')
  const day = (instant: Parameters<typeof inWords>[0]) => inWords(instant, 'UTC', visit.lang)
  return html`<h2>${text.secrets}</h2>
${
  secrets.length > 0 &&
  table(
    text.secrets,
    [text.name, text.hint, text.expires, text.remove],
    secrets.map((each) => [each.displayName, `${each.hint}…`, day(each.expiresAt), remove(each.id)]),
  )
}
<form method="post" action="${path}/secrets" class="stack form">${csrfField(csrf)}<div class="pair">
${textField('name', text.secretName, '', html` maxlength="100"`)}${textField('years', text.secretYears, '2', html` type="number" min="1" max="10"`)}</div>
<div class="actions"><button>${text.secretNew}</button></div></form>
<h2>${text.certificates}</h2>
${
  certificates.length > 0 &&
  table(
    text.certificates,
    [text.name, text.thumbprint, text.expires, text.remove],
    certificates.map((each) => [each.displayName, each.thumbprintSha256, day(each.expiresAt), remove(each.id)]),
  )
}
<form method="post" action="${path}/certificates" class="stack form">${csrfField(csrf)}
${linesField('pem', text.certificatePem, '', '-----BEGIN CERTIFICATE-----')}
<div class="actions"><button>${text.add}</button></div></form>`
}

/** An application of the administrator's tenant. */
async function applicationOf(visit: PageRequest): Promise<Application> {
  const application = await visit.context.directory.applications.find(visit.params.id ?? '')
  if (application === undefined || application.tenantId !== visit.user.tenantId) throw new PageError('missing')
  return application
}

async function note(
  visit: PageRequest,
  action: string,
  application: Application,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await visit.context.audit.record(visit.actor, action, { id: application.id, name: application.displayName }, detail)
}
