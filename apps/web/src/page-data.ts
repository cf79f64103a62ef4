import type { PageData } from '@parley/door-api'

/** Read the page's data; what is missing or malformed falls back to a page that can still say so. */
export function readPageData(text: string | null | undefined): PageData {
  let given: Partial<PageData> = {}
  try {
    given = JSON.parse(text ?? '{}') as Partial<PageData>
  } catch {
    // An unreadable block is the same as none.
  }
  return {
    page: given.page ?? 'join',
    lang: given.lang === 'en' || given.lang === 'es' ? given.lang : 'en',
    link: given.link ?? null,
    meeting: given.meeting ?? null,
    user: given.user ?? null,
    signInUrl: given.signInUrl ?? null,
    connectionTest: given.connectionTest ?? null,
  }
}
