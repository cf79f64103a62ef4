import { Button, Spinner } from '@fluentui/react-components'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import { useState } from 'react'
import { type Check, testConnection } from '../devices/connection-test.ts'
import type { DeviceSession } from '../devices/device-session.ts'
import { useT } from '../i18n/i18n.tsx'

const marks = { good: CheckmarkCircleFilled, warn: WarningFilled, bad: ErrorCircleFilled }

/** A test, started by hand, that says in words what works, what is blocked and what to do. */
export function ConnectionTest({ devices, pathUrl }: { devices: DeviceSession; pathUrl: string | null }) {
  const t = useT()
  const [checks, setChecks] = useState<Check[] | null>(null)
  const [running, setRunning] = useState(false)
  const run = async () => {
    setRunning(true)
    setChecks([])
    await testConnection(devices, pathUrl, setChecks).finally(() => setRunning(false))
  }
  const worst = checks?.some((check) => check.status === 'bad')
    ? 'test.bad'
    : checks?.some((check) => check.status === 'warn')
      ? 'test.usable'
      : 'test.good'
  return (
    <section className="test" aria-label={t('test.title')}>
      <Button appearance="secondary" disabledFocusable={running} onClick={() => void run()}>
        {running ? t('test.running') : checks ? t('test.again') : t('test.run')}
      </Button>
      <div role="status">
        {running && <Spinner size="extra-tiny" label={t('test.running')} />}
        {!running && checks && <p className="test-result">{t(worst)}</p>}
      </div>
      {checks && (
        <ul className="test-list">
          {checks.map((check) => {
            const Mark = marks[check.status]
            return (
              <li key={check.id} data-status={check.status}>
                <Mark aria-hidden="true" fontSize={18} />
                <span>{t(check.text, check.values)}</span>
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
