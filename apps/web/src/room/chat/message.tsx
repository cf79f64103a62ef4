import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, Textarea } from '@fluentui/react-components'
import { ArrowReplyRegular } from '@fluentui/react-icons/svg/arrow-reply'
import { DocumentRegular } from '@fluentui/react-icons/svg/document'
import { MoreHorizontalRegular } from '@fluentui/react-icons/svg/more-horizontal'
import { type ChatMessage, maxChatText } from '@parley/door-api'
import { memo, useState } from 'react'
import { useI18n } from '../../i18n/i18n.tsx'
import { Name } from '../../lib/name.tsx'
import { safeName } from '../../lib/safe-name.ts'
import { sayClock } from '../../lib/times.ts'
import type { Person } from '../../media/people.ts'
import type { RoomActions } from '../actions.ts'
import { ReactionItems } from '../bar.tsx'
import { nameWith, sayStanding, writerStandingOf } from '../standing.ts'
import { partsOf } from './linkify.ts'

type Props = {
  message: ChatMessage
  before: ChatMessage | undefined
  original: ChatMessage | undefined
  names: Map<string, string>
  /** Whoever wrote, while they are in the meeting. */
  writer: Person | undefined
  self: string
  canChat: boolean
  canModerate: boolean
  actions: RoomActions
  reply: (message: ChatMessage) => void
}

const sayable = (text: string) => text.replace(/[\u202A-\u202E\u2066-\u2069]/g, '')

function fileSize(bytes: number, lang: string): string {
  const [value, unit] = bytes < 1e3 ? [bytes, 'byte'] : bytes < 1e6 ? [bytes / 1e3, 'kilobyte'] : [bytes / 1e6, 'megabyte']
  return new Intl.NumberFormat(lang, {
    style: 'unit',
    unit: String(unit),
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  }).format(Number(value))
}

/** One message: who, when, what it answers, its text with links and mentions, its file, its reactions, and what can be done. */
export const Message = memo(function Message(props: Props) {
  const { message, before, original, names, writer, self, canChat, canModerate, actions, reply } = props
  const { t, lang } = useI18n()
  const [editing, setEditing] = useState<string | null>(null)
  const { client } = actions.door
  const { from, id } = message
  const standing = writerStandingOf(from, writer)
  const follows =
    before !== undefined &&
    before.from.identity === from.identity &&
    !message.replyTo &&
    Date.parse(message.createdAt) - Date.parse(before.createdAt) < 5 * 60_000
  const mentioned = message.mentions.map((identity) => safeName(names.get(identity) ?? '', ''))
  const parts = partsOf(
    sayable(message.text),
    mentioned,
    message.mentions.includes(self) ? safeName(names.get(self) ?? '', '') : null,
  )
  const react = (emoji: string) => {
    const mine = message.reactions.some((one) => one.emoji === emoji && one.mine)
    void actions.attempt(client.react(id, emoji, !mine))
  }
  const download = async () => {
    if (!message.file) return
    const address = URL.createObjectURL(await client.file(message.file.url))
    const link = document.createElement('a')
    link.href = address
    link.download = message.file.name
    link.click()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
  }
  return (
    <article className="message" data-mine={from.you} data-follows={follows} data-called={message.mentions.includes(self)}>
      {!follows && (
        <header>
          <strong>
            <Name name={from.name} />
          </strong>{' '}
          {standing.length > 0 && <span className="quiet small">{sayStanding(t, standing)} · </span>}
          <time dateTime={message.createdAt} className="quiet small">
            {sayClock(message.createdAt, lang)}
          </time>
        </header>
      )}
      {original && (
        <blockquote className="clip">
          <bdi>
            {t('chat.from', {
              name: nameWith(t, safeName(original.from.name), writerStandingOf(original.from, undefined)),
              text: original.deleted ? '…' : sayable(original.text),
            })}
          </bdi>
        </blockquote>
      )}
      {message.deleted ? (
        <p className="quiet">{t('chat.deleted')}</p>
      ) : editing !== null ? (
        <div className="message-edit">
          <Textarea
            autoFocus
            aria-label={t('chat.editing')}
            value={editing}
            maxLength={maxChatText}
            onChange={(_, { value }) => setEditing(value)}
          />
          <span>
            <Button size="small" onClick={() => setEditing(null)}>
              {t('common.cancel')}
            </Button>
            <Button
              size="small"
              appearance="primary"
              onClick={() => {
                if (editing.trim()) void actions.attempt(client.edit(id, editing.trim())).then((done) => done && setEditing(null))
              }}
            >
              {t('common.save')}
            </Button>
          </span>
        </div>
      ) : (
        <div className="message-body">
          {message.text && (
            <p dir="auto" className="wrap">
              {parts.map((part, index) =>
                part.kind === 'link' ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
                  <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
                    {part.text}
                  </a>
                ) : part.kind === 'text' ? (
                  part.text
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <span key={index} className={part.kind}>
                    {part.text}
                  </span>
                ),
              )}
              {message.editedAt && <span className="quiet small"> ({t('chat.edited')})</span>}
            </p>
          )}
          {message.file && (
            <Button
              icon={<DocumentRegular />}
              aria-label={t('chat.download', { name: message.file.name })}
              onClick={() => void actions.attempt(download())}
            >
              <bdi className="clip">{message.file.name}</bdi>
              <span className="quiet small">&nbsp;{fileSize(message.file.size, lang)}</span>
            </Button>
          )}
        </div>
      )}
      {!message.deleted && message.reactions.length > 0 && (
        <div className="message-reactions">
          {message.reactions.map(({ emoji, count, mine }) => (
            <button
              key={emoji}
              type="button"
              aria-pressed={mine}
              aria-label={t('chat.reactedCount', { emoji, n: count })}
              disabled={!canChat}
              onClick={() => react(emoji)}
            >
              {emoji} {count}
            </button>
          ))}
        </div>
      )}
      {!message.deleted && editing === null && canChat && (
        <div className="message-tools">
          <Button
            size="small"
            appearance="subtle"
            icon={<ArrowReplyRegular />}
            aria-label={t('chat.reply')}
            onClick={() => reply(message)}
          />
          <Menu positioning="below-end">
            <MenuTrigger disableButtonEnhancement>
              <Button size="small" appearance="subtle" icon={<MoreHorizontalRegular />} aria-label={t('chat.options')} />
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                <ReactionItems react={react} />
                {from.you && !message.file && <MenuItem onClick={() => setEditing(message.text)}>{t('chat.edit')}</MenuItem>}
                {(from.you || canModerate) && (
                  <MenuItem onClick={() => void actions.attempt(client.erase(id))}>{t('chat.delete')}</MenuItem>
                )}
              </MenuList>
            </MenuPopover>
          </Menu>
        </div>
      )}
    </article>
  )
})
