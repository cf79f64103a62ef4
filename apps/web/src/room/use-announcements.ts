import type { Notice } from '@parley/door-api'
import { useEffect, useRef } from 'react'
import { playTone } from '../devices/tone.ts'
import type { Key } from '../i18n/en.ts'
import { useT } from '../i18n/i18n.tsx'
import { isKey } from '../i18n/translate.ts'
import { safeName } from '../lib/safe-name.ts'
import { useStore } from '../lib/store.ts'
import type { RoomActions } from './actions.ts'
import type { ChatSession } from './chat/chat-session.ts'
import { nameWith, writerStandingOf } from './standing.ts'

/** `kind` of the door's notices, and the sentence for each. */
const noticeKeys: Record<Exclude<Notice['kind'], 'role'>, Key> = {
  muted: 'notice.muted',
  cameraStopped: 'notice.cameraStopped',
  shareStopped: 'notice.shareStopped',
  handLowered: 'notice.handLowered',
}

/** Turns what happens in the meeting into short messages and gentle tones. */
export function useAnnouncements({ actions, chat, sounds }: { actions: RoomActions; chat: ChatSession; sounds: boolean }): void {
  const t = useT()
  const { door, session, notices } = actions
  const { people, problem, connection, shares } = useStore(session.store, (state) => state)
  const openPanel = useRef(actions.openPanel)
  openPanel.current = actions.openPanel
  const panel = useRef(actions.panel)
  panel.current = actions.panel
  useEffect(() => {
    if (actions.panel === 'chat' || actions.panel === 'people') notices.seen(actions.panel)
  }, [actions.panel, notices])

  useEffect(
    () =>
      door.on('announce', ({ kind, name, phone, identity }) => {
        if (identity && identity === door.store.get().admission?.identity) return
        const key = phone ? (`notice.phone${kind === 'entry' ? 'Entry' : 'Exit'}` as const) : (`notice.${kind}` as const)
        notices.add(t(key, { name: safeName(name) }))
        if (sounds) playTone(kind)
      }),
    [door, notices, sounds, t],
  )
  useEffect(
    () =>
      door.on('newcomer', ({ name }) => {
        const { waiting } = door.store.get()
        const text =
          waiting.length > 3 ? t('notice.manyWaiting', { n: waiting.length }) : t('notice.waiting', { name: safeName(name) })
        if (panel.current !== 'people')
          notices.add(text, { about: 'people', action: { label: t('notice.view'), run: () => openPanel.current('people') } })
        if (sounds) playTone('waiting')
      }),
    [door, notices, sounds, t],
  )
  useEffect(
    () =>
      door.on('notice', (notice) => {
        if (notice.kind === 'role') notices.add(t('notice.role', { role: t(`role.${notice.role}`).toLocaleLowerCase() }))
        // A page may be older than the server it speaks to.
        else if (Object.hasOwn(noticeKeys, notice.kind)) notices.add(t(noticeKeys[notice.kind]))
      }),
    [door, notices, t],
  )
  useEffect(
    () =>
      door.on('chat', (change) => {
        const news = chat.take(change)
        if (news && !chat.store.get().open) {
          const { from, text, file } = change.message
          const said = text.length > 80 ? `${text.slice(0, 79)}…` : text
          const name = nameWith(t, safeName(from.name), writerStandingOf(from, undefined))
          notices.add(t('chat.from', { name, text: said || file?.name || '' }), {
            about: 'chat',
            action: { label: t('notice.view'), run: () => openPanel.current('chat') },
          })
        }
      }),
    [door, notices, chat, t],
  )

  const raised = useRef(new Set<string>())
  useEffect(() => {
    const now = new Set(people.filter((person) => person.hand && !person.local).map((person) => person.identity))
    for (const person of people) {
      if (now.has(person.identity) && !raised.current.has(person.identity)) notices.add(t('notice.hand', { name: person.name }))
    }
    raised.current = now
  }, [people, notices, t])

  const shared = useRef(new Set<string>())
  useEffect(() => {
    for (const share of shares) {
      if (!share.local && !shared.current.has(share.id)) notices.add(t('notice.share', { name: share.name }))
    }
    shared.current = new Set(shares.map((share) => share.id))
  }, [shares, notices, t])

  useEffect(() => {
    if (!problem) return
    const key = `problem.${problem.source}.${problem.problem}`
    notices.add(isKey(key) ? t(key) : t('problem.screen.failed'), { intent: 'warning' })
  }, [problem, notices, t])

  const wasLost = useRef(false)
  useEffect(() => {
    if (connection === 'connected' && wasLost.current) notices.add(t('room.reconnected'))
    wasLost.current = connection === 'reconnecting' || connection === 'noPath'
  }, [connection, notices, t])
}
