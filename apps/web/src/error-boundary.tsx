import { Button } from '@fluentui/react-components'
import { Component, type ReactNode } from 'react'
import { useT } from './i18n/i18n.tsx'

type Props = { children: ReactNode }

/** Says that a part of the page could not be loaded or failed, instead of an empty page; loading again keeps the admission. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed /> : this.props.children
  }
}

function Failed() {
  const t = useT()
  return (
    <main className="page-loading">
      <div className="closed" role="alert">
        <h1>{t('error.page')}</h1>
        <p>{t('error.pageHint')}</p>
        <Button appearance="primary" size="large" onClick={() => location.reload()}>
          {t('common.tryAgain')}
        </Button>
      </div>
    </main>
  )
}
