import { Button, Input } from '@fluentui/react-components'
import { SearchRegular } from '@fluentui/react-icons/svg/search'
import type { ChatMessage } from '@parley/door-api'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useT } from '../../i18n/i18n.tsx'
import { useStore } from '../../lib/store.ts'
import type { RoomActions } from '../actions.ts'
import { PanelFrame } from '../panel.tsx'
import type { ChatSession } from './chat-session.ts'
import { Composer } from './composer.tsx'
import { Message } from './message.tsx'

type Props = { chat: ChatSession; actions: RoomActions; close: () => void }

/** The meeting's chat: history, search, and writing. */
export function ChatPanel({ chat, actions, close }: Props) {
  const t = useT()
  const { messages, more, loaded } = useStore(chat.store, (state) => state)
  const { meeting, admission } = useStore(actions.door.store, (state) => state)
  const people = useStore(actions.session.store, (state) => state.people)
  const [replyTo, setReplyTo] = useState<ChatMessage | null>(null)
  const [search, setSearch] = useState<string | null>(null)
  const [found, setFound] = useState<ChatMessage[] | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const { client } = actions.door
  const canChat = meeting?.you.canChat === true

  useEffect(() => {
    chat.setOpen(true)
    return () => chat.setOpen(false)
  }, [chat])

  const shown = found ?? messages
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is what moves the list
  useLayoutEffect(() => {
    const element = list.current
    if (element && atEnd.current) element.scrollTop = element.scrollHeight
  }, [shown])

  useEffect(() => {
    const text = search?.trim()
    if (!text) {
      setFound(null)
      return
    }
    const timer = setTimeout(() => {
      client.search(text).then(
        (answer) => setFound(answer.messages),
        () => setFound([]),
      )
    }, 300)
    return () => clearTimeout(timer)
  }, [search, client])

  const present = new Map(people.map((person) => [person.identity, person]))
  const names = new Map(people.map((person) => [person.identity, person.name]))
  for (const message of messages) if (!names.has(message.from.identity)) names.set(message.from.identity, message.from.name)
  return (
    <PanelFrame
      title={t('chat.title')}
      close={close}
      tools={
        <Button
          appearance="subtle"
          icon={<SearchRegular />}
          aria-label={t('chat.search')}
          aria-expanded={search !== null}
          onClick={() => setSearch(search === null ? '' : null)}
        />
      }
    >
      {search !== null && (
        <div className="chat-search">
          <Input
            type="search"
            autoFocus
            aria-label={t('chat.search')}
            placeholder={t('chat.search')}
            value={search}
            onChange={(_, { value }) => setSearch(value)}
          />
        </div>
      )}
      <div
        ref={list}
        className="chat-list"
        role="log"
        aria-label={t('chat.title')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling list must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: element }) => {
          atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60
        }}
      >
        {!found && more && (
          <Button size="small" onClick={() => void actions.attempt(chat.loadEarlier())}>
            {t('chat.earlier')}
          </Button>
        )}
        {loaded && shown.length === 0 && <p className="quiet chat-empty">{t(found ? 'chat.noResults' : 'chat.empty')}</p>}
        {shown.map((message, index) => (
          <Message
            key={message.id}
            message={message}
            before={shown[index - 1]}
            original={message.replyTo ? messages.find((one) => one.id === message.replyTo) : undefined}
            names={names}
            writer={present.get(message.from.identity)}
            self={admission?.identity ?? ''}
            canChat={canChat}
            canModerate={meeting?.you.canModerate === true}
            actions={actions}
            reply={setReplyTo}
          />
        ))}
      </div>
      {canChat ? (
        <Composer chat={chat} people={people} replyTo={replyTo} endReply={() => setReplyTo(null)} />
      ) : (
        <p className="quiet chat-forbidden">{t('chat.forbidden')}</p>
      )}
    </PanelFrame>
  )
}
