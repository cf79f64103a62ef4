import { html } from '../../common/html.ts'
import type { Handler } from '../page-request.ts'
import { adminTexts } from './texts.ts'

/** The tenant at a glance. */
export const showOverview: Handler = async ({ context, user, lang }) => {
  const text = adminTexts[lang]
  const tenant = (await context.directory.tenants.find(user.tenantId))!
  const count = async (table: 'users' | 'applications' | 'meetings') => {
    const { total } = await context.db
      .selectFrom(table)
      .select((select) => select.fn.countAll<number>().as('total'))
      .where('tenant_id', '=', user.tenantId)
      .executeTakeFirstOrThrow()
    return String(total)
  }
  const body = html`<h1>${tenant.displayName}</h1>
<dl>
<dt>${text.domain}</dt><dd>${tenant.domain}</dd>
<dt>${text.tenantId}</dt><dd>${tenant.id}</dd>
<dt>${text.authority}</dt><dd>${context.config.issuerBase}/${tenant.id}</dd>
<dt>${text.graph}</dt><dd>${context.config.publicUrl}/v1.0</dd>
<dt>${text.people}</dt><dd><a href="/admin/users">${await count('users')}</a></dd>
<dt>${text.applications}</dt><dd><a href="/admin/applications">${await count('applications')}</a></dd>
<dt>${text.meetings}</dt><dd><a href="/admin/meetings">${await count('meetings')}</a></dd>
</dl>`
  return { title: text.overview, body }
}
