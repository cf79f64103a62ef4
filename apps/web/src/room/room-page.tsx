import { Button, MessageBar, MessageBarActions, MessageBarBody, Spinner } from '@fluentui/react-components'
import { LockClosedRegular } from '@fluentui/react-icons/svg/lock-closed'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { DeviceSession } from '../devices/device-session.ts'
import type { DoorSession } from '../door/session.ts'
import { useT } from '../i18n/i18n.tsx'
import { safeName } from '../lib/safe-name.ts'
import { useStore } from '../lib/store.ts'
import { RoomSession } from '../media/room-session.ts'
import { Bar } from './bar.tsx'
import { ChatSession } from './chat/chat-session.ts'
import { Clock } from './clock.tsx'
import { ClosedElsewhere } from './closed-elsewhere.tsx'
import { NoticeList } from './notice-list.tsx'
import { Notices } from './notices.ts'
import { PictureInPicture } from './picture-in-picture.tsx'
import { ReactionRain } from './reaction-rain.tsx'
import { Stage } from './stage/stage.tsx'
import { useAnnouncements } from './use-announcements.ts'
import { usePreference } from './use-preference.ts'
import { useRoomActions } from './use-room-actions.ts'
import '../styles/room.css'

const ChatPanel = lazy(async () => ({ default: (await import('./chat/chat-panel.tsx')).ChatPanel }))
const PeoplePanel = lazy(async () => ({ default: (await import('./people/people-panel.tsx')).PeoplePanel }))
const InfoPanel = lazy(async () => ({ default: (await import('./info-panel.tsx')).InfoPanel }))
const SettingsPanel = lazy(async () => ({ default: (await import('./settings-panel.tsx')).SettingsPanel }))
const ShortcutDialog = lazy(async () => ({ default: (await import('./shortcut-dialog.tsx')).ShortcutDialog }))

/** The call: stage, panels, controls. Takes over the devices opened before joining. */
export function RoomPage({ door, devices }: { door: DoorSession; devices: DeviceSession }) {
  const [session, setSession] = useState<RoomSession | null>(null)
  const media = useRef(door.store.get().media)
  useEffect(() => {
    if (!media.current) return
    const { wanted, chosen, problem } = devices.store.get()
    const tracks = devices.take()
    const made = new RoomSession({
      freshMedia: (signal) => door.freshMedia(signal),
      media: media.current,
      ...tracks,
      microphoneOn: wanted.microphone,
      chosen,
    })
    // After a reload nothing was opened before; what was on comes back on.
    if (!tracks.microphone && wanted.microphone && !problem.microphone) void made.setMicrophone(true)
    if (!tracks.camera && wanted.camera && !problem.camera) void made.setCamera(true)
    setSession(made)
    return () => void made.stop()
  }, [door, devices])
  return session ? <Room door={door} devices={devices} session={session} /> : null
}

function Room({ door, devices, session }: { door: DoorSession; devices: DeviceSession; session: RoomSession }) {
  const t = useT()
  const [chat] = useState(() => new ChatSession(door.client))
  const [notices] = useState(() => new Notices())
  const [pinned, pin] = useState<string | null>(null)
  const [sounds, setSounds] = usePreference('sounds', true)
  const [mirrored, setMirrored] = usePreference('mirrored', true)
  const { actions, shortcutsOpen, closeShortcuts, closePanel, pipOpen, closePip } = useRoomActions({
    door,
    devices,
    session,
    notices,
  })
  const { connection, people, audioBlocked } = useStore(session.store, (state) => state)
  const { meeting, waiting, online } = useStore(door.store, (state) => state)
  const unread = useStore(chat.store, (state) => state.unread)
  useAnnouncements({ actions, chat, sounds })

  useEffect(() => {
    if (online) void chat.load().catch(() => undefined)
  }, [chat, online])

  if (connection === 'elsewhere') return <ClosedElsewhere takeOver={() => session.takeOver()} />
  const alone = connection === 'connected' && people.length === 1
  const { panel } = actions
  return (
    <div className="room" data-panel={panel !== null}>
      <header className="room-head">
        <h1>
          {meeting?.locked && <LockClosedRegular aria-label={t('people.locked')} role="img" />}
          <bdi>{meeting?.subject ? safeName(meeting.subject) : t('app.meeting')}</bdi>
        </h1>
        <Clock label={t('room.time')} />
      </header>
      <main className="room-main" aria-label={t('room.stage')}>
        <ConnectionBanner connection={connection} />
        {audioBlocked && (
          <MessageBar intent="warning">
            <MessageBarBody>{t('room.audioBlocked')}</MessageBarBody>
            <MessageBarActions>
              <Button size="small" appearance="primary" onClick={() => void session.hear()}>
                {t('room.hear')}
              </Button>
            </MessageBarActions>
          </MessageBar>
        )}
        {people.length === 0 ? (
          <div className="page-loading">
            <Spinner label={t('room.connecting')} />
          </div>
        ) : (
          <Stage session={session} view={actions.view} pinned={pinned} pin={pin} mirrored={mirrored} />
        )}
        {alone && (
          <div className="alone">
            <p>
              <strong>{t('room.alone')}</strong>
              <br />
              {t('room.aloneHint')}
            </p>
            <Button onClick={() => actions.openPanel('info')}>{t('more.info')}</Button>
          </div>
        )}
        <ReactionRain session={session} />
        <NoticeList notices={notices} />
      </main>
      <Suspense fallback={<aside className="panel" />}>
        {panel === 'chat' && <ChatPanel chat={chat} actions={actions} close={closePanel} />}
        {panel === 'people' && <PeoplePanel actions={actions} close={closePanel} pinned={pinned} pin={pin} />}
        {panel === 'info' && <InfoPanel door={door} close={closePanel} />}
        {panel === 'settings' && (
          <SettingsPanel
            actions={actions}
            devices={devices}
            close={closePanel}
            sounds={sounds}
            setSounds={setSounds}
            mirrored={mirrored}
            setMirrored={setMirrored}
          />
        )}
      </Suspense>
      <footer className="room-foot">
        <Bar actions={actions} unread={unread} waiting={waiting.length} />
      </footer>
      {shortcutsOpen && (
        <Suspense fallback={null}>
          <ShortcutDialog close={closeShortcuts} />
        </Suspense>
      )}
      {pipOpen && <PictureInPicture window={pipOpen} actions={actions} mirrored={mirrored} close={closePip} />}
    </div>
  )
}

/** Says that the connection is lost, but not for a blink that mends itself. */
function ConnectionBanner({ connection }: { connection: string }) {
  const t = useT()
  const [late, setLate] = useState(false)
  const broken = connection === 'reconnecting' || connection === 'noPath'
  useEffect(() => {
    setLate(false)
    if (!broken) return
    const timer = setTimeout(() => setLate(true), 600)
    return () => clearTimeout(timer)
  }, [broken])
  return (
    <div role="status">
      {broken && late && (
        <MessageBar intent="warning" layout="multiline" icon={<Spinner size="tiny" aria-hidden="true" />}>
          <MessageBarBody>{t(connection === 'noPath' ? 'room.noPath' : 'room.reconnecting')}</MessageBarBody>
        </MessageBar>
      )}
    </div>
  )
}
