import { type Html, html } from '../common/html.ts'
import type { Language } from '../common/language.ts'
import type { Session } from '../identity/session.ts'
import type { PageContent } from '../pages/page.ts'
import { layoutTexts } from './layout-texts.ts'
import { accountStyles } from './sign-in/page.ts'

/** What a page of a signed-in person shows. */
export interface View {
  title: string
  body: Html
  status?: number
  /** The entry of the navigation it belongs to, when it is not the one its path begins with. */
  current?: string
}

const adminPages = [
  ['/admin', 'overview'],
  ['/admin/users', 'users'],
  ['/admin/applications', 'applications'],
  ['/admin/policies', 'policies'],
  ['/admin/meetings', 'allMeetings'],
  ['/admin/refusals', 'refusals'],
  ['/admin/deliveries', 'deliveries'],
  ['/admin/settings', 'settings'],
  ['/admin/audit', 'audit'],
] as const

/** A page with the head and navigation of a signed-in person. `path` is the one asked for, without its query. */
export function layout(lang: Language, session: Session, path: string, view: View): PageContent {
  const text = layoutTexts[lang]
  const other = lang === 'es' ? 'en' : 'es'
  const inAdmin = path === '/admin' || path.startsWith('/admin/')
  const link = (href: string, label: string, here: boolean) =>
    html`<a href="${href}"${here && html` aria-current="page"`}>${label}</a>`
  const body = html`<a class="skip" href="#content">${text.skip}</a>
<header class="head">
<a class="brand" href="/meetings">${text.brand}</a>
<nav aria-label="${text.mainNavigation}">
${link('/meetings', text.meetings, path.startsWith('/meetings'))}
${session.user.isAdmin && link('/admin', text.admin, inAdmin)}
${link('/account', text.account, path === '/account')}
</nav>
<div class="who">
<span class="name" title="${session.user.upn}"><bdi>${session.user.displayName}</bdi></span>
<a href="?lang=${other}" lang="${other}" hreflang="${other}">${text.language}</a>
<form method="post" action="/signout"><input type="hidden" name="csrf" value="${session.csrf}"><button class="quiet">${text.signOut}</button></form>
</div>
</header>
${
  inAdmin &&
  html`<nav class="tabs" aria-label="${text.adminNavigation}">${adminPages
    .filter(([href]) => href !== '/admin/settings' || session.user.isServerAdmin)
    .map(([href, name]) => link(href, text[name], href === '/admin' ? path === '/admin' : path.startsWith(href)))}</nav>`
}
<main id="content" class="card wide" tabindex="-1">
${view.body}
</main>`
  return { lang, title: `${view.title} · Parley`, body, styles: accountStyles, scripts: ['/static/account.js'] }
}
