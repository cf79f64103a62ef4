import { Button, Field, Input, Link, MessageBar, MessageBarBody, Spinner } from '@fluentui/react-components'
import { CallRegular } from '@fluentui/react-icons/svg/call'
import type { Meeting, MeetingCode, PageData } from '@parley/door-api'
import { type FormEvent, useState } from 'react'
import { DevicePicker } from '../devices/device-picker.tsx'
import type { DeviceSession } from '../devices/device-session.ts'
import type { DoorError } from '../door/client.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { sayError } from '../i18n/say-error.ts'
import { Name } from '../lib/name.tsx'
import { safeName } from '../lib/safe-name.ts'
import { telLink } from '../lib/tel-link.ts'
import { sayTimes } from '../lib/times.ts'
import { Shell } from '../theme/shell.tsx'
import { ConnectionTest } from './connection-test.tsx'
import { Preview } from './preview.tsx'

export type JoinForm = { name: string; code: MeetingCode }

type Props = {
  data: PageData
  meeting: Meeting | null
  devices: DeviceSession
  asking: boolean
  error: DoorError | null
  name: string
  join: (form: JoinForm) => void
}

/** Before joining: who you are, how you look and sound, and whether the connection will do. */
export function JoinPage({ data, meeting, devices, asking, error, name: known, join }: Props) {
  const { t, lang } = useI18n()
  const [name, setName] = useState(known)
  const [code, setCode] = useState<MeetingCode>({ meetingId: '', passcode: '' })
  const [checked, setChecked] = useState(false)
  const byCode = data.link === null
  const nameMissing = safeName(name, '') === ''
  const codeMissing = byCode && code.meetingId.replace(/\D/g, '') === ''
  const nameRefused = error?.target === 'name'

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = event.currentTarget.elements
    const focus = (name: string) => (fields.namedItem(name) as HTMLInputElement | null)?.focus()
    setChecked(true)
    if (codeMissing) focus('code')
    else if (nameMissing) focus('name')
    else join({ name: name.trim(), code: { meetingId: code.meetingId.replace(/\D/g, ''), passcode: code.passcode.trim() } })
  }

  const subject = meeting?.subject ? safeName(meeting.subject) : byCode ? t('join.codeTitle') : t('app.meeting')
  const times = meeting ? sayTimes(meeting, lang) : ''
  return (
    <Shell>
      <div className="join">
        <section className="join-devices" aria-label={t('join.devices')}>
          <Preview devices={devices} name={name} />
          <DevicePicker devices={devices} />
        </section>
        <form className="join-form" onSubmit={submit} noValidate>
          <header className="join-head">
            <h1>
              <bdi>{subject}</bdi>
            </h1>
            {times && <p className="quiet">{times}</p>}
            {meeting?.organizer.displayName && (
              <p className="quiet">
                {t('join.organizedBy', { name: '' })}
                <Name name={meeting.organizer.displayName} />
              </p>
            )}
          </header>
          {meeting?.state === 'upcoming' && (
            <MessageBar intent="info" layout="multiline">
              <MessageBarBody>{t('join.notOpen')}</MessageBarBody>
            </MessageBar>
          )}
          {byCode && (
            <>
              <Field
                label={t('join.code')}
                hint={t('join.codeHint')}
                {...(checked && codeMissing
                  ? { validationState: 'error' as const, validationMessage: t('join.codeNeeded') }
                  : {})}
              >
                <Input
                  name="code"
                  size="large"
                  inputMode="numeric"
                  autoComplete="off"
                  value={code.meetingId}
                  onChange={(_, { value }) => setCode({ ...code, meetingId: value.slice(0, 40) })}
                />
              </Field>
              <Field label={t('join.passcode')}>
                <Input
                  size="large"
                  autoComplete="off"
                  value={code.passcode}
                  onChange={(_, { value }) => setCode({ ...code, passcode: value.slice(0, 64) })}
                />
              </Field>
            </>
          )}
          <Field
            label={t('join.name')}
            {...(checked && nameMissing
              ? { validationState: 'error' as const, validationMessage: t('join.nameNeeded') }
              : nameRefused
                ? { validationState: 'error' as const, validationMessage: t('error.InvalidName') }
                : {})}
          >
            <Input
              name="name"
              size="large"
              autoComplete="name"
              maxLength={200}
              value={name}
              readOnly={data.user !== null}
              onChange={(_, { value }) => setName(value)}
            />
          </Field>
          {error && !nameRefused && (
            <MessageBar intent="error" layout="multiline">
              <MessageBarBody>{sayError(t, error)}</MessageBarBody>
            </MessageBar>
          )}
          <Button
            type="submit"
            appearance="primary"
            size="large"
            className="join-now"
            disabledFocusable={asking}
            {...(asking ? { icon: <Spinner size="tiny" aria-hidden="true" /> } : {})}
          >
            {asking ? t('join.joining') : t('join.now')}
          </Button>
          {data.user ? (
            <p className="quiet">
              {t('join.signedInAs', { name: '' })}
              <Name name={data.user.displayName} />
            </p>
          ) : (
            data.signInUrl && (
              <p className="quiet">
                {t('join.signInHint')} <Link href={data.signInUrl}>{t('join.signIn')}</Link>
              </p>
            )
          )}
          <ConnectionTest devices={devices} pathUrl={data.connectionTest} />
          {meeting?.dialin?.tollNumber && (
            <p className="join-phone quiet">
              <CallRegular aria-hidden="true" fontSize={20} />
              <span>
                <strong>{t('join.phone')}</strong>
                <br />
                <Link href={telLink(meeting.dialin.tollNumber, meeting.dialin.passcode)}>
                  {t('join.phoneNumber', { number: meeting.dialin.tollNumber })}
                </Link>
                {meeting.dialin.passcode && <> · {t('join.phonePasscode', { passcode: meeting.dialin.passcode })}</>}
              </span>
            </p>
          )}
        </form>
      </div>
    </Shell>
  )
}
