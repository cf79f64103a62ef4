import { html } from '../../common/html.ts'
import { parseInstant } from '../../common/instant.ts'
import { settings } from '../../config/settings.ts'
import { fill } from '../../pages/fill.ts'
import { buttonForm, doneNote, table } from '../controls.ts'
import { PageError } from '../page-error.ts'
import type { Handler } from '../page-request.ts'
import { inWords } from '../zone.ts'
import { doneOf } from './shared.ts'
import { adminTexts } from './texts.ts'

const auditPage = 100

/** Why requests were refused. */
export const showRefusals: Handler = async (visit) => {
  const { context, user, lang } = visit
  const text = adminTexts[lang]
  const [refusals, calls, applications, people] = await Promise.all([
    context.accessRefusals.list(user.tenantId),
    // Calls come to the server's numbers, not to a tenant's.
    user.isServerAdmin ? context.callRefusals.list() : [],
    context.directory.applications.list(user.tenantId),
    context.directory.users.list(user.tenantId),
  ])
  const apps = new Map(applications.map((each) => [each.clientId, each.displayName]))
  const upns = new Map(people.map((each) => [each.id, each.upn]))
  const rows = refusals.map((each) => [
    apps.get(each.appId) ?? each.appId,
    each.userId === null ? '' : (upns.get(each.userId) ?? each.userId),
    each.operation,
    each.reason,
    each.count,
    inWords(each.lastAt, 'UTC', lang),
  ])
  const callRows = calls.map((each) => [
    inWords(each.at, 'UTC', lang),
    html`<bdi>${each.caller}</bdi>`,
    html`<bdi>${each.dialled}</bdi>`,
    `${each.source} (${each.protocol})`,
    html`<span lang="en">${each.reason}</span> <code>${each.status} ${each.code}</code>`,
  ])
  const body = html`<h1>${text.refusals}</h1><p>${text.refusalsAbout}</p>${doneNote(doneOf(visit))}
${
  rows.length === 0
    ? html`<p>${text.none}</p>`
    : html`${table(text.refusals, [text.application, text.person, text.operation, text.reason, text.count, `${text.last} (UTC)`], rows)}
<div class="actions">${buttonForm('/admin/refusals/clear', visit.session.csrf, text.clear)}</div>`
}
${user.isServerAdmin && html`<h2>${text.refusedCalls}</h2><p>${text.refusedCallsAbout}</p>`}
${
  !user.isServerAdmin
    ? null
    : callRows.length === 0
      ? html`<p>${text.none}</p>`
      : table(text.refusedCalls, [`${text.at} (UTC)`, text.caller, text.dialled, text.source, text.reason], callRows)
}`
  return { title: text.refusals, body }
}

export const clearRefusals: Handler = async (visit) => {
  await visit.context.accessRefusals.clear(visit.user.tenantId)
  await visit.context.audit.record(visit.actor, 'refusals.clear', { id: visit.user.tenantId, name: '' })
  return '/admin/refusals?done=deleted'
}

/** What became of change notifications. */
export const showDeliveries: Handler = async ({ context, user, lang, query }) => {
  const text = adminTexts[lang]
  const before = query.get('before')
  const deliveries = await context.subscriptions.log.deliveries(user.tenantId, {
    limit: 100,
    ...(before === null ? {} : { before }),
  })
  const subscriptions = new Map((await context.subscriptions.log.subscriptions(user.tenantId)).map((each) => [each.id, each]))
  const rows = deliveries.map((each) => [
    each.createdDateTime,
    subscriptions.get(each.subscriptionId)?.receiver ?? each.subscriptionId,
    `${each.event} ${each.resource}`,
    each.attempts,
    `${each.state}${each.lastStatus === null ? '' : ` ${each.lastStatus}`}${each.lastError === null ? '' : `: ${each.lastError}`}`,
  ])
  const body = html`<h1>${text.deliveries}</h1><p>${text.deliveriesAbout}</p>
${rows.length === 0 ? html`<p>${text.none}</p>` : table(text.deliveries, [text.at, text.subscription, text.resource, text.attempt, text.result], rows)}
${deliveries.length === 100 && html`<p><a href="/admin/deliveries?before=${encodeURIComponent(deliveries.at(-1)!.cursor)}">${text.older}</a></p>`}`
  return { title: text.deliveries, body }
}

/** Every setting with what it was decided from; secrets are not shown. For the server's own administrators. */
export const showSettings: Handler = async ({ context, lang, user }) => {
  if (!user.isServerAdmin) throw new PageError('forbidden')
  const text = adminTexts[lang]
  const rows = Object.entries(settings).map(([name, { about, default: fallback }]) => [
    html`<code>${name}</code>`,
    context.config.given[name] ?? html`<span class="soft">${fill(text.notSet, { default: fallback })}</span>`,
    html`<span lang="en">${about}</span>`,
  ])
  const body = html`<h1>${text.settings}</h1><p>${text.settingsAbout}</p>
${table(text.settings, [text.setting, text.value, text.about], rows)}`
  return { title: text.settings, body }
}

/** Who changed what. */
export const showAudit: Handler = async ({ context, user, lang, query }) => {
  const text = adminTexts[lang]
  const before = parseInstant(query.get('before') ?? '')
  const entries = await context.audit.list(user.tenantId, { limit: auditPage, before })
  const rows = entries.map((entry) => [
    inWords(entry.at, 'UTC', lang),
    entry.actor_name === '' ? text.server : entry.actor_name,
    html`<code>${entry.action}</code>`,
    entry.target_name === '' ? entry.target_id : entry.target_name,
    entry.address,
    entry.detail === '{}' ? '' : html`<code class="detail">${entry.detail.slice(0, 500)}</code>`,
  ])
  const body = html`<h1>${text.audit}</h1><p>${text.auditAbout}</p>
${rows.length === 0 ? html`<p>${text.none}</p>` : table(text.audit, [`${text.at} (UTC)`, text.who, text.action, text.target, text.from, text.detail], rows)}
${entries.length === auditPage && html`<p><a href="/admin/audit?before=${encodeURIComponent(entries.at(-1)!.at)}">${text.older}</a></p>`}`
  return { title: text.audit, body }
}
