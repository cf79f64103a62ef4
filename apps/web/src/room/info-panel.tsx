import { lazy, Suspense } from 'react'
import type { DoorSession } from '../door/session.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { Name } from '../lib/name.tsx'
import { safeName } from '../lib/safe-name.ts'
import { useStore } from '../lib/store.ts'
import { telLink } from '../lib/tel-link.ts'
import { sayTimes } from '../lib/times.ts'
import { CopyField } from './copy-field.tsx'
import { PanelFrame } from './panel.tsx'

const QrCode = lazy(async () => ({ default: (await import('./qr-code.tsx')).QrCode }))

/** A meeting number in groups of three, as people read it out. */
const grouped = (number: string) => (/^\d+$/.test(number) ? number.replace(/(\d{3})(?=\d)/g, '$1 ') : number)

/** Everything needed to bring somebody else in. */
export function InfoPanel({ door, close }: { door: DoorSession; close: () => void }) {
  const { t, lang } = useI18n()
  const meeting = useStore(door.store, (state) => state.meeting)
  if (!meeting) return null
  const { code, dialin } = meeting
  const times = sayTimes(meeting, lang)
  return (
    <PanelFrame title={t('info.title')} close={close}>
      <div className="panel-body info">
        <h3>
          <bdi>{meeting.subject ? safeName(meeting.subject) : t('app.meeting')}</bdi>
        </h3>
        {times && <p className="quiet">{times}</p>}
        {meeting.organizer?.displayName && (
          <p className="quiet">
            {t('join.organizedBy', { name: '' })}
            <Name name={meeting.organizer.displayName} />
          </p>
        )}
        <dl>
          <CopyField label={t('info.link')} value={meeting.joinUrl} />
          {code && <CopyField label={t('info.code')} value={code.meetingId} shown={grouped(code.meetingId)} />}
          {code?.passcode && <CopyField label={t('info.passcode')} value={code.passcode} />}
          {dialin?.tollNumber && (
            <CopyField label={t('info.phone')} value={dialin.tollNumber} href={telLink(dialin.tollNumber, dialin.passcode)} />
          )}
          {dialin?.tollFreeNumber && (
            <CopyField
              label={t('info.tollFree')}
              value={dialin.tollFreeNumber}
              href={telLink(dialin.tollFreeNumber, dialin.passcode)}
            />
          )}
          {dialin?.passcode && (
            <CopyField label={t('info.conference')} value={dialin.passcode} shown={grouped(dialin.passcode)} />
          )}
          {dialin?.sip && <CopyField label={t('info.sip')} value={dialin.sip} href={dialin.sip} />}
          {dialin && (
            <div className="copy">
              <dt>{t('info.keys')}</dt>
              <dd>{t('info.keysAbout')}</dd>
            </div>
          )}
        </dl>
        <Suspense fallback={null}>
          <QrCode text={meeting.joinUrl} label={t('info.qr')} />
        </Suspense>
        <p className="quiet">{t('info.qrHint')}</p>
      </div>
    </PanelFrame>
  )
}
