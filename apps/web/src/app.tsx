import { Spinner } from '@fluentui/react-components'
import type { PageData } from '@parley/door-api'
import { type ComponentType, type LazyExoticComponent, lazy, Suspense } from 'react'
import { ErrorBoundary } from './error-boundary.tsx'
import { I18nProvider, useT } from './i18n/i18n.tsx'
import { ThemeProvider } from './theme/theme.tsx'

type Page = LazyExoticComponent<ComponentType<{ data: PageData }>>

const meeting: Page = lazy(async () => ({ default: (await import('./meeting/meeting-page.tsx')).MeetingPage }))

/** Every page, by the `page` the server names. A new page is one line here. */
const pages: Record<string, Page> = {
  meeting,
  join: meeting,
}

function Loading() {
  const t = useT()
  return (
    <main className="page-loading">
      <Spinner label={t('app.loading')} />
    </main>
  )
}

/** The whole application: the page the server named, in the person's language and look. */
export function App({ data }: { data: PageData }) {
  const Page = pages[data.page] ?? meeting
  return (
    <I18nProvider lang={data.lang}>
      <ThemeProvider>
        <ErrorBoundary>
          <Suspense fallback={<Loading />}>
            <Page data={data} />
          </Suspense>
        </ErrorBoundary>
      </ThemeProvider>
    </I18nProvider>
  )
}
