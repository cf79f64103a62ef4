import { Button } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons/svg/dismiss'
import { useT } from '../i18n/i18n.tsx'
import { useStore } from '../lib/store.ts'
import type { Notices } from './notices.ts'

/** The short messages over the stage; the list is always there so that assistive technology reads what comes into it. */
export function NoticeList({ notices }: { notices: Notices }) {
  const t = useT()
  const shown = useStore(notices.store, (state) => state.notices)
  return (
    <section
      className="notices"
      aria-label={t('notice.label')}
      aria-live="polite"
      aria-relevant="additions"
      onPointerEnter={() => notices.hold(true)}
      onPointerLeave={() => notices.hold(false)}
      onFocus={() => notices.hold(true)}
      onBlur={() => notices.hold(false)}
    >
      {shown.map((notice) => (
        <div key={notice.id} className="notice" data-intent={notice.intent}>
          <span>{notice.text}</span>
          {notice.action && (
            <Button
              size="small"
              appearance="primary"
              onClick={() => {
                notice.action?.run()
                notices.dismiss(notice.id)
              }}
            >
              {notice.action.label}
            </Button>
          )}
          <Button
            size="small"
            appearance="subtle"
            icon={<DismissRegular />}
            aria-label={t('notice.dismiss')}
            onClick={() => notices.dismiss(notice.id)}
          />
        </div>
      ))}
    </section>
  )
}
