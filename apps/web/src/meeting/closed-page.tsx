import { Button } from '@fluentui/react-components'
import type { Meeting } from '@parley/door-api'
import { useEffect, useRef } from 'react'
import type { Closed } from '../door/session.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { isKey } from '../i18n/translate.ts'
import { safeName } from '../lib/safe-name.ts'
import { Shell } from '../theme/shell.tsx'

const final: readonly Closed[] = ['cancelled', 'expired', 'deleted', 'ended', 'notFound']
const signInHelps: readonly Closed[] = ['invitedOnly', 'organizationOnly']

type Props = { closed: Closed; meeting: Meeting | null; signInUrl: string | null; again: () => void }

/** After the meeting, or instead of it: why, in words, and what can be done. */
export function ClosedPage({ closed, meeting, signInUrl, again }: Props) {
  const { t } = useI18n()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const key = `closed.${closed}.title`
  const why = isKey(key) ? closed : 'lost'
  return (
    <Shell>
      <div className="closed">
        <p className="quiet">
          <bdi>{meeting?.subject ? safeName(meeting.subject) : t('app.meeting')}</bdi>
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {t(`closed.${why}.title`)}
        </h1>
        <p>{t(`closed.${why}.text`)}</p>
        <div className="closed-actions">
          {!final.includes(closed) && (
            <Button appearance="primary" size="large" onClick={again}>
              {t(closed === 'left' ? 'closed.rejoin' : 'closed.askAgain')}
            </Button>
          )}
          {signInHelps.includes(closed) && signInUrl && (
            <Button as="a" href={signInUrl} size="large">
              {t('join.signIn')}
            </Button>
          )}
        </div>
      </div>
    </Shell>
  )
}
