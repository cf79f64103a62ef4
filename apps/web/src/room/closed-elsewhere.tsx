import { Button } from '@fluentui/react-components'
import { useT } from '../i18n/i18n.tsx'
import { Shell } from '../theme/shell.tsx'

/** The same admission was used in another tab; only one can have the call. */
export function ClosedElsewhere({ takeOver }: { takeOver: () => void }) {
  const t = useT()
  return (
    <Shell>
      <div className="closed">
        <h1>{t('closed.elsewhere.title')}</h1>
        <p>{t('closed.elsewhere.text')}</p>
        <div className="closed-actions">
          <Button appearance="primary" size="large" onClick={takeOver}>
            {t('closed.useHere')}
          </Button>
        </div>
      </div>
    </Shell>
  )
}
