import { Spinner } from '@fluentui/react-components'
import type { PageData } from '@parley/door-api'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { DeviceSession } from '../devices/device-session.ts'
import { DoorClient } from '../door/client.ts'
import { DoorSession } from '../door/session.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { safeName } from '../lib/safe-name.ts'
import { recall, remember } from '../lib/storage.ts'
import { useStore } from '../lib/store.ts'
import { ClosedPage } from './closed-page.tsx'
import { type JoinForm, JoinPage } from './join-page.tsx'

const loadRoom = () => import('../room/room-page.tsx')
const RoomPage = lazy(async () => ({ default: (await loadRoom()).RoomPage }))
const WaitingPage = lazy(async () => ({ default: (await import('./waiting-page.tsx')).WaitingPage }))

/** The personal link of an invitation carries its token in the address (`?invitation=…`). */
const invitationOf = (address: string) => new URL(address).searchParams.get('invitation')

/** A meeting from before joining to after leaving, and the form for people with a number and passcode. */
export function MeetingPage({ data }: { data: PageData }) {
  const { t, lang } = useI18n()
  const [door] = useState(() => new DoorSession(new DoorClient(), data.link?.threadId ?? 'code', data.meeting))
  const [devices] = useState(() => new DeviceSession())
  const { admission, meeting, media, closed, asking, error } = useStore(door.store, (state) => state)
  const resuming = useRef(door.resumable)
  const phase = closed ? 'closed' : admission?.state === 'admitted' && media ? 'room' : admission ? 'waiting' : 'join'

  useEffect(() => {
    if (!resuming.current) return
    void door.resume().finally(() => {
      resuming.current = false
    })
  }, [door])

  useEffect(() => {
    const onHide = () => door.away()
    addEventListener('pagehide', onHide)
    return () => removeEventListener('pagehide', onHide)
  }, [door])

  useEffect(() => {
    // Fetched while the person looks at the preview, so that joining does not wait for it.
    const timer = setTimeout(() => void loadRoom().catch(() => undefined), 1200)
    return () => clearTimeout(timer)
  }, [])

  useEffect(() => {
    if (phase === 'join' || phase === 'waiting') void devices.start()
    else if (phase === 'closed') devices.stop()
  }, [phase, devices])

  const subject = meeting?.subject ? safeName(meeting.subject) : t('app.meeting')
  useEffect(() => {
    document.title = `${subject} · ${t('app.name')}`
  }, [subject, t])

  const join = useMemo(
    () => (form: JoinForm) => {
      const { wanted, camera, microphone } = devices.store.get()
      const invitation = invitationOf(location.href)
      remember('name', form.name)
      void door.ask({
        ...(data.link ? { link: data.link } : { code: form.code }),
        name: form.name,
        lang,
        ...(invitation ? { invitation } : {}),
        device: { camera: wanted.camera && camera !== null, microphone: microphone !== null },
      })
    },
    [data.link, devices, door, lang],
  )

  if (phase === 'closed' && closed)
    return <ClosedPage closed={closed} meeting={meeting} signInUrl={data.signInUrl} again={() => door.again()} />
  if (phase === 'join' && asking && resuming.current) return <Loading />
  if (phase === 'join') {
    return (
      <JoinPage
        data={data}
        meeting={meeting}
        devices={devices}
        asking={asking}
        error={error}
        name={data.user?.displayName ?? recall('name') ?? ''}
        join={join}
      />
    )
  }
  return (
    <Suspense fallback={<Loading />}>
      {phase === 'waiting' ? (
        <WaitingPage door={door} devices={devices} pathUrl={data.connectionTest} />
      ) : (
        <RoomPage door={door} devices={devices} />
      )}
    </Suspense>
  )
}

function Loading() {
  const { t } = useI18n()
  return (
    <main className="page-loading">
      <Spinner label={t('join.joining')} />
    </main>
  )
}
