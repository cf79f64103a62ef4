import { useEffect, useMemo, useRef, useState } from 'react'
import type { DeviceSession } from '../devices/device-session.ts'
import type { DoorSession } from '../door/session.ts'
import { useT } from '../i18n/i18n.tsx'
import { sayError } from '../i18n/say-error.ts'
import { recall, remember } from '../lib/storage.ts'
import type { RoomSession } from '../media/room-session.ts'
import type { Panel, RoomActions, View } from './actions.ts'
import type { Notices } from './notices.ts'
import { openPictureInPicture } from './picture-in-picture-window.ts'
import { listenToKeys } from './shortcuts.ts'

type Given = { door: DoorSession; devices: DeviceSession; session: RoomSession; notices: Notices }

/** What a person can do in the room, with the state of the page that belongs to it. */
export function useRoomActions({ door, devices, session, notices }: Given) {
  const t = useT()
  const [panel, setPanel] = useState<Panel | null>(null)
  const [view, setView] = useState<View>(() => (recall('view') === 'speaker' ? 'speaker' : 'gallery'))
  const [shortcutsOpen, setShortcutsOpen] = useState(false)
  const [pipOpen, setPipOpen] = useState<Window | null>(null)

  const now = useRef({} as RoomActions)
  const actions: RoomActions = useMemo(
    () => ({
      door,
      session,
      notices,
      panel,
      view,
      toggleMicrophone: () => {
        const on = !session.store.get().microphone
        if (on && !session.store.get().can.microphone) return notices.add(t('bar.micForbidden'))
        void devices.want('microphone', on)
        void session.setMicrophone(on)
      },
      toggleCamera: () => {
        const on = !session.store.get().camera
        if (on && !session.store.get().can.camera) return notices.add(t('bar.cameraForbidden'))
        void devices.want('camera', on)
        void session.setCamera(on)
      },
      toggleShare: () => {
        const on = !session.store.get().sharing
        if (on && !session.store.get().can.share) return notices.add(t('bar.shareForbidden'))
        void session.setSharing(on)
      },
      toggleHand: () => {
        const raised = session.store.get().people.some((person) => person.local && person.hand)
        void now.current.attempt(door.client.raiseHand(!raised))
      },
      react: (emoji) => void session.react(emoji),
      togglePanel: (next) => setPanel((now) => (now === next ? null : next)),
      openPanel: setPanel,
      toggleView: () => {
        const next = view === 'gallery' ? 'speaker' : 'gallery'
        remember('view', next)
        setView(next)
      },
      toggleFullScreen: () => {
        const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()
        void change.catch(() => undefined)
      },
      showShortcuts: () => setShortcutsOpen(true),
      pictureInPicture: openPictureInPicture((window) => setPipOpen(window)),
      leave: () => void door.leave(),
      attempt: async (work) => {
        try {
          await work
          return true
        } catch (error) {
          notices.add(sayError(t, error), { intent: 'warning' })
          return false
        }
      },
    }),
    [door, devices, session, notices, panel, view, t],
  )

  now.current = actions
  useEffect(() => listenToKeys(() => now.current), [])

  return {
    actions,
    shortcutsOpen,
    closeShortcuts: () => setShortcutsOpen(false),
    closePanel: () => setPanel(null),
    pipOpen,
    closePip: () => {
      pipOpen?.close()
      setPipOpen(null)
    },
  }
}
