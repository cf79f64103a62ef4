import { Button, Textarea } from '@fluentui/react-components'
import { AttachRegular } from '@fluentui/react-icons/svg/attach'
import { DismissRegular } from '@fluentui/react-icons/svg/dismiss'
import { EmojiRegular } from '@fluentui/react-icons/svg/emoji'
import { SendFilled } from '@fluentui/react-icons/svg/send'
import { type ChatMessage, maxChatText } from '@parley/door-api'
import { type KeyboardEvent, lazy, Suspense, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { useT } from '../../i18n/i18n.tsx'
import { sayError } from '../../i18n/say-error.ts'
import { safeName } from '../../lib/safe-name.ts'
import type { Person } from '../../media/people.ts'
import { nameWith, shortStandingOf, writerStandingOf } from '../standing.ts'
import type { ChatSession } from './chat-session.ts'

const EmojiPicker = lazy(async () => ({ default: (await import('./emoji-picker.tsx')).EmojiPicker }))

type Props = {
  chat: ChatSession
  people: Person[]
  replyTo: ChatMessage | null
  endReply: () => void
}

/** The word after an @ just before the cursor, or null. */
function mentionAt(text: string, cursor: number): string | null {
  return /(?:^|\s)@([^\s@]{0,30})$/u.exec(text.slice(0, cursor))?.[1] ?? null
}

/** Where a message is written: Enter sends, Shift+Enter breaks the line, @ mentions. */
export function Composer({ chat, people, replyTo, endReply }: Props) {
  const t = useT()
  const [text, setText] = useState('')
  const [asked, setAsked] = useState<string | null>(null)
  const [marked, setMarked] = useState(0)
  const [status, setStatus] = useState('')
  const [picking, setPicking] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const file = useRef<HTMLInputElement>(null)
  const mentioned = useRef(new Map<string, string>())
  const listId = useId()
  const cursor = useRef<number | null>(null)

  // Before the next key can come, or it would land at the end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what moves the cursor
  useLayoutEffect(() => {
    if (cursor.current === null) return
    area.current?.focus()
    area.current?.setSelectionRange(cursor.current, cursor.current)
    cursor.current = null
  }, [text])

  useEffect(() => {
    if (replyTo) area.current?.focus()
  }, [replyTo])

  const candidates =
    asked === null
      ? []
      : people
          .filter((person) => !person.local && person.name.toLocaleLowerCase().includes(asked.toLocaleLowerCase()))
          .slice(0, 6)

  const send = async () => {
    const whole = text.trim()
    if (!whole) return
    const mentions = [...mentioned.current].filter(([, name]) => whole.includes(`@${name}`)).map(([identity]) => identity)
    setText('')
    setAsked(null)
    try {
      await chat.say(whole, replyTo?.id, mentions)
      mentioned.current.clear()
      setStatus('')
      endReply()
    } catch (error) {
      setText((now) => now || whole)
      setStatus(t('chat.unsent', { message: sayError(t, error) }))
    }
  }

  const insert = (piece: string, from?: number) => {
    const at = area.current?.selectionStart ?? text.length
    const start = from ?? at
    const next = text.slice(0, start) + piece + text.slice(at)
    cursor.current = start + piece.length
    setText(next)
  }

  const mention = (person: Person) => {
    const at = area.current?.selectionStart ?? text.length
    mentioned.current.set(person.identity, person.name)
    insert(`@${person.name} `, at - (asked?.length ?? 0) - 1)
    setAsked(null)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (candidates.length > 0) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault()
        setMarked((marked + (event.key === 'ArrowDown' ? 1 : candidates.length - 1)) % candidates.length)
        return
      }
      if (event.key === 'Enter' || event.key === 'Tab') {
        event.preventDefault()
        const chosen = candidates[marked] ?? candidates[0]
        if (chosen) mention(chosen)
        return
      }
      if (event.key === 'Escape') {
        event.preventDefault()
        setAsked(null)
        return
      }
    }
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      void send()
    }
  }

  const sendFile = async (chosen: File | undefined) => {
    if (!chosen) return
    setStatus(t('chat.uploading', { name: chosen.name }))
    try {
      await chat.sendFile(chosen)
      setStatus('')
    } catch (error) {
      setStatus(t('chat.unsent', { message: sayError(t, error) }))
    }
  }

  return (
    <div className="composer">
      {replyTo && (
        <div className="composer-reply">
          <span>
            <bdi>
              {t('chat.replyTo', { name: nameWith(t, safeName(replyTo.from.name), writerStandingOf(replyTo.from, undefined)) })}
            </bdi>
            <span className="quiet small clip">{replyTo.text}</span>
          </span>
          <Button appearance="subtle" size="small" icon={<DismissRegular />} aria-label={t('common.cancel')} onClick={endReply} />
        </div>
      )}
      {candidates.length > 0 && (
        <div role="listbox" id={listId} className="mentions" aria-label={t('chat.mentionList')}>
          {candidates.map((person, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the text; aria-activedescendant tells the marked option
            // biome-ignore lint/a11y/useKeyWithClickEvents: the text box handles the keys
            <div
              key={person.identity}
              id={`${listId}${index}`}
              role="option"
              aria-selected={index === marked}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => mention(person)}
            >
              <bdi>{nameWith(t, person.name, shortStandingOf(person))}</bdi>
            </div>
          ))}
        </div>
      )}
      {picking && (
        <Suspense fallback={null}>
          <EmojiPicker
            close={() => setPicking(false)}
            pick={(emoji) => {
              setPicking(false)
              insert(emoji)
            }}
          />
        </Suspense>
      )}
      <p role="status" className="composer-status">
        {status}
      </p>
      <Textarea
        className="composer-text"
        textarea={{ ref: area }}
        aria-label={t('chat.message')}
        placeholder={t('chat.placeholder')}
        rows={2}
        resize="none"
        maxLength={maxChatText}
        value={text}
        {...(candidates.length > 0 ? { 'aria-controls': listId, 'aria-activedescendant': `${listId}${marked}` } : {})}
        onChange={(event, { value }) => {
          setText(value)
          setAsked(mentionAt(value, event.target.selectionStart))
          setMarked(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div className="composer-tools">
        <Button
          appearance="subtle"
          icon={<EmojiRegular />}
          aria-label={t('chat.emoji')}
          aria-expanded={picking}
          onClick={() => setPicking(!picking)}
        />
        <Button
          appearance="subtle"
          icon={<AttachRegular />}
          aria-label={t('chat.attach')}
          onClick={() => file.current?.click()}
        />
        <input
          ref={file}
          type="file"
          hidden
          onChange={(event) => {
            void sendFile(event.target.files?.[0])
            event.target.value = ''
          }}
        />
        <span className="bar-gap" />
        <Button appearance="primary" icon={<SendFilled />} aria-label={t('chat.send')} onClick={() => void send()} />
      </div>
    </div>
  )
}
