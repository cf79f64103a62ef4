import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { recall, remember } from '../lib/storage.ts'
import { type Lang, type Translate, translator } from './translate.ts'

type I18n = { lang: Lang; t: Translate; setLang: (lang: Lang) => void }
const Context = createContext<I18n>({ lang: 'en', t: translator('en'), setLang: () => undefined })

/** Gives the pages below it their language: the person's own choice, else the page's. */
export function I18nProvider({ lang: given, children }: { lang: Lang; children: ReactNode }) {
  const [lang, choose] = useState<Lang>(() => {
    const chosen = recall('lang')
    return chosen === 'en' || chosen === 'es' ? chosen : given
  })
  useEffect(() => {
    document.documentElement.lang = lang
  }, [lang])
  const setLang = useCallback((next: Lang) => {
    remember('lang', next)
    choose(next)
  }, [])
  const value = useMemo(() => ({ lang, t: translator(lang), setLang }), [lang, setLang])
  return <Context value={value}>{children}</Context>
}

/** The language in use and its translations. */
export const useI18n = (): I18n => useContext(Context)
/** Translate in the language in use. */
export const useT = (): Translate => useContext(Context).t
