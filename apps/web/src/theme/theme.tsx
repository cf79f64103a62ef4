import {
  createDOMRenderer,
  FluentProvider,
  RendererProvider,
  type Theme,
  teamsDarkTheme,
  teamsLightTheme,
} from '@fluentui/react-components'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { cspNonce } from '../lib/nonce.ts'
import { recall, remember } from '../lib/storage.ts'

export type Appearance = 'system' | 'light' | 'dark'
type ThemeChoice = { appearance: Appearance; dark: boolean; setAppearance: (appearance: Appearance) => void }
const Context = createContext<ThemeChoice>({ appearance: 'system', dark: false, setAppearance: () => undefined })

const font = "'Segoe UI Variable Text', 'Segoe UI', system-ui, -apple-system, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
const light: Theme = { ...teamsLightTheme, fontFamilyBase: font, colorNeutralForeground3: '#565656' }
const dark: Theme = { ...teamsDarkTheme, fontFamilyBase: font, colorNeutralForeground3: '#b3b3b3' }
const darkQuery = '(prefers-color-scheme: dark)'

/** Gives the pages below it Fluent's look, light or dark: the person's choice, else the system's. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [appearance, choose] = useState<Appearance>(() => {
    const chosen = recall('theme')
    return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
  })
  const [systemDark, setSystemDark] = useState(() => matchMedia(darkQuery).matches)
  useEffect(() => {
    const query = matchMedia(darkQuery)
    const listen = () => setSystemDark(query.matches)
    query.addEventListener('change', listen)
    return () => query.removeEventListener('change', listen)
  }, [])
  const isDark = appearance === 'system' ? systemDark : appearance === 'dark'
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
  }, [isDark])
  const setAppearance = useCallback((next: Appearance) => {
    remember('theme', next === 'system' ? null : next)
    choose(next)
  }, [])
  const renderer = useMemo(() => {
    const nonce = cspNonce()
    return createDOMRenderer(document, nonce ? { styleElementAttributes: { nonce } } : {})
  }, [])
  const value = useMemo(() => ({ appearance, dark: isDark, setAppearance }), [appearance, isDark, setAppearance])
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={isDark ? dark : light} className="parley">
        <Context value={value}>{children}</Context>
      </FluentProvider>
    </RendererProvider>
  )
}

/** The look in use, and how to choose another. */
export const useAppearance = (): ThemeChoice => useContext(Context)
