import { Button, Tooltip } from '@fluentui/react-components'
import { WeatherMoonRegular } from '@fluentui/react-icons/svg/weather-moon'
import { WeatherSunnyRegular } from '@fluentui/react-icons/svg/weather-sunny'
import type { ReactNode } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { useAppearance } from './theme.tsx'

/** The frame of every page outside the call: the product's name, language and look. */
export function Shell({ children }: { children: ReactNode }) {
  const { t, lang, setLang } = useI18n()
  const { dark, setAppearance } = useAppearance()
  const other = lang === 'es' ? 'en' : 'es'
  const look = dark ? t('settings.light') : t('settings.dark')
  return (
    <div className="shell">
      <header className="shell-head">
        <span className="brand">
          <span className="brand-mark" aria-hidden="true" />
          {t('app.name')}
        </span>
        <span className="shell-tools">
          <Button appearance="subtle" lang={other} onClick={() => setLang(other)}>
            {other === 'es' ? 'Español' : 'English'}
          </Button>
          <Tooltip content={look} relationship="label">
            <Button
              appearance="subtle"
              icon={dark ? <WeatherSunnyRegular /> : <WeatherMoonRegular />}
              onClick={() => setAppearance(dark ? 'light' : 'dark')}
            />
          </Tooltip>
        </span>
      </header>
      <main className="shell-main">{children}</main>
    </div>
  )
}
