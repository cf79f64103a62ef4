import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Dev } from '../../lib/server.ts'

export interface Answer {
  url: string
  status: number
  headers: Headers
  text: string
  /** Where a redirect that was not followed leads. */
  location: string | null
}

export interface Form {
  action: string
  fields: Record<string, string>
  buttons: { name: string; value: string; text: string }[]
}

/** Trust a server's CA from now on, in every client of this process. */
export function trust(dev: Dev): void {
  setDefaultCACertificates([...getCACertificates(), readFileSync(dev.caFile, 'utf8')])
}

/** A browser without scripts: it keeps cookies, follows redirects on its server and fills forms. */
export class Visitor {
  readonly origin: string
  readonly cookies = new Map<string, string>()
  readonly headers: Record<string, string>

  constructor(origin: string, headers: Record<string, string> = {}) {
    this.origin = origin
    this.headers = { 'accept-language': 'en', ...headers }
  }

  async get(path: string): Promise<Answer> {
    return this.#send(new URL(path, this.origin).href, { method: 'GET' })
  }

  async post(
    path: string,
    fields: Record<string, string> | URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const body = new URLSearchParams(fields)
    return this.#send(new URL(path, this.origin).href, { method: 'POST', body, headers })
  }

  /** Fill the form of a page whose action contains some text (the first form otherwise), and send it. */
  async submit(page: Answer, fields: Record<string, string> = {}, action = ''): Promise<Answer> {
    const form = formsOf(page.text).find((each) => each.action.includes(action))
    if (form === undefined)
      throw new Error(`no form for "${action}" on ${page.url} (${page.status}): ${page.text.slice(0, 2000)}`)
    return this.post(new URL(form.action || page.url, page.url).href, { ...form.fields, ...fields })
  }

  /** Sign in with account and password; resolves to the page that follows. */
  async signIn(user: { upn: string; password: string }, returnTo = '/meetings'): Promise<Answer> {
    const page = await this.get(`/signin?return=${encodeURIComponent(returnTo)}`)
    return this.submit(page, { upn: user.upn, password: user.password }, '/signin')
  }

  async #send(url: string, init: RequestInit, redirects = 0): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      ...init,
      headers: { ...this.headers, ...(cookie === '' ? {} : { cookie }), ...(init.headers as Record<string, string> | undefined) },
      redirect: 'manual',
    })
    for (const header of response.headers.getSetCookie()) this.#keep(header)
    const location = response.headers.get('location')
    const target = location === null ? undefined : new URL(location, url)
    if (target !== undefined && target.origin === new URL(this.origin).origin && response.status !== 307) {
      await response.body?.cancel()
      if (redirects > 10) throw new Error(`too many redirects at ${url}`)
      return this.#send(target.href, { method: 'GET' }, redirects + 1)
    }
    return {
      url,
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: target?.href ?? null,
    }
  }

  #keep(header: string): void {
    const [pair, ...attributes] = header.split(';')
    const mark = pair!.indexOf('=')
    const [name, value] = [pair!.slice(0, mark).trim(), pair!.slice(mark + 1).trim()]
    const ended = attributes.some((attribute) => /^\s*(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute))
    if (ended || value === '') this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

/** The forms of a page, with what their fields hold. */
export function formsOf(text: string): Form[] {
  return [...text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, attributes, inner]) => ({
    action: attributeOf(attributes!, 'action') ?? '',
    fields: fieldsOf(inner!),
    buttons: [...inner!.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gs)].map(([, own, label]) => ({
      name: attributeOf(own!, 'name') ?? '',
      value: attributeOf(own!, 'value') ?? '',
      text: decode(label!),
    })),
  }))
}

function fieldsOf(inner: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [, attributes] of inner.matchAll(/<input\b([^>]*)>/gs)) {
    const [name, type] = [attributeOf(attributes!, 'name'), attributeOf(attributes!, 'type')]
    if (name === undefined || ((type === 'checkbox' || type === 'radio') && !/\schecked\b/.test(attributes!))) continue
    fields[name] = attributeOf(attributes!, 'value') ?? (type === 'checkbox' ? 'on' : '')
  }
  for (const [, attributes, value] of inner.matchAll(/<textarea\b([^>]*)>(.*?)<\/textarea>/gs))
    fields[attributeOf(attributes!, 'name') ?? ''] = decode(value!)
  for (const [, attributes, options] of inner.matchAll(/<select\b([^>]*)>(.*?)<\/select>/gs)) {
    const list = [...options!.matchAll(/<option\b([^>]*)>/g)].map(([, own]) => own!)
    const chosen = list.find((own) => /\sselected\b/.test(own)) ?? list[0]
    if (chosen !== undefined) fields[attributeOf(attributes!, 'name') ?? ''] = attributeOf(chosen, 'value') ?? ''
  }
  return fields
}

function attributeOf(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1]
  return value === undefined ? undefined : decode(value)
}

/** Text as a reader sees it. */
export function decode(text: string): string {
  return text
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
