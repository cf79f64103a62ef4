import { en, type Key } from './en.ts'
import { es } from './es.ts'

export type Lang = 'en' | 'es'
export type Values = Record<string, string | number>
export type Translate = (key: Key, values?: Values) => string

const catalogues: Record<Lang, Record<Key, string>> = { en, es }

/** The function that says `key` in a language; `n` among the values chooses between `one|many`. */
export function translator(lang: Lang): Translate {
  const catalogue = catalogues[lang]
  const plural = new Intl.PluralRules(lang)
  return (key, values = {}) => {
    const forms = catalogue[key].split('|')
    const one = forms.length > 1 && plural.select(Number(values.n ?? 0)) === 'one'
    const text = (one ? forms[0] : forms[forms.length - 1]) ?? ''
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
  }
}

/** True when the text is one of the catalogue's keys (a code from the server may not be). */
export const isKey = (key: string): key is Key => Object.hasOwn(en, key)
