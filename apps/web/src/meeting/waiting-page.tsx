import { Button, MessageBar, MessageBarBody, Spinner } from '@fluentui/react-components'
import { DevicePicker } from '../devices/device-picker.tsx'
import type { DeviceSession } from '../devices/device-session.ts'
import type { DoorSession } from '../door/session.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { isKey } from '../i18n/translate.ts'
import { Name } from '../lib/name.tsx'
import { safeName } from '../lib/safe-name.ts'
import { useStore } from '../lib/store.ts'
import { sayTimes } from '../lib/times.ts'
import { Shell } from '../theme/shell.tsx'
import { ConnectionTest } from './connection-test.tsx'
import { Preview } from './preview.tsx'

/** In the lobby: why, in which place, and what the organizers write, with time to check one's devices. */
export function WaitingPage({ door, devices, pathUrl }: { door: DoorSession; devices: DeviceSession; pathUrl: string | null }) {
  const { t, lang } = useI18n()
  const { admission, meeting, online, notes } = useStore(door.store, (state) => state)
  const key = `wait.${admission?.reason ?? 'lobby'}`
  const place = admission?.place ?? null
  return (
    <Shell>
      <div className="join">
        <section className="join-devices" aria-label={t('join.devices')}>
          <Preview devices={devices} name={admission?.name ?? ''} />
          <DevicePicker devices={devices} />
        </section>
        <div className="join-form">
          <header className="join-head">
            <p className="quiet">
              <bdi>{meeting?.subject ? safeName(meeting.subject) : t('app.meeting')}</bdi>
              {meeting && sayTimes(meeting, lang) && <> · {sayTimes(meeting, lang)}</>}
            </p>
            <h1>{t('wait.title')}</h1>
          </header>
          <div role="status" className="wait-status">
            <Spinner size="small" aria-hidden="true" />
            <div>
              <p>{isKey(key) ? t(key) : t('wait.lobby')}</p>
              {place !== null && place > 0 && <p className="quiet">{t('wait.place', { n: place })}</p>}
              {!online && <p>{t('wait.offline')}</p>}
            </div>
          </div>
          <section className="wait-notes" role="log" aria-label={t('wait.messages')}>
            {notes.map((note) => (
              <MessageBar key={note.id} intent="info" layout="multiline">
                <MessageBarBody>
                  <strong>
                    <Name name={note.from} />
                  </strong>
                  <br />
                  <bdi className="wrap">{note.text}</bdi>
                </MessageBarBody>
              </MessageBar>
            ))}
          </section>
          <p className="quiet">{t('wait.ready')}</p>
          <ConnectionTest devices={devices} pathUrl={pathUrl} />
          <Button size="large" onClick={() => void door.leave()}>
            {t('wait.leave')}
          </Button>
        </div>
      </div>
    </Shell>
  )
}
