import type { FastifyRequest } from 'fastify'
import { readCookie, writeCookie } from './cookies.ts'

const languages = ['es', 'en'] as const
export type Language = (typeof languages)[number]

/** Holds the language somebody chose with `?lang=`; a year. */
const languageCookie = 'parley-lang'

/** The language of a page: `?lang=`, else the one chosen before, else the best of Accept-Language (RFC 9110 section 12.5.4), else English. */
export function languageOf(request: Pick<FastifyRequest, 'headers' | 'query'>): Language {
  const asked = (request.query as { lang?: unknown } | undefined)?.lang
  return (
    known(asked) ??
    known(readCookie(request.headers.cookie, languageCookie)) ??
    preferred(request.headers['accept-language']) ??
    'en'
  )
}

/** The Set-Cookie header that remembers a language chosen with `?lang=`, or undefined when none was. */
export function rememberLanguage(request: Pick<FastifyRequest, 'query'>): string | undefined {
  const chosen = known((request.query as { lang?: unknown } | undefined)?.lang)
  return chosen && writeCookie(languageCookie, chosen, { secure: false, maxAge: 31_536_000 })
}

function known(name: unknown): Language | undefined {
  return typeof name === 'string' ? languages.find((language) => language === name.slice(0, 2).toLowerCase()) : undefined
}

/** The first of our languages in an Accept-Language header, by its weights. */
export function preferred(header: string | undefined): Language | undefined {
  const ranges = (header ?? '').split(',').map((range, order) => {
    const [name, ...parameters] = range.trim().split(';')
    const weight = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value !== undefined)
    return { language: known(name), weight: weight === undefined ? 1 : Number(weight), order }
  })
  return ranges
    .filter(({ language, weight }) => language !== undefined && weight > 0)
    .sort((a, b) => b.weight - a.weight || a.order - b.order)[0]?.language
}
