import { Button, Input } from '@fluentui/react-components'
import { CallRegular } from '@fluentui/react-icons/svg/call'
import { maxLobbyMessage, type Waiting } from '@parley/door-api'
import { type FormEvent, useId, useState } from 'react'
import { useI18n } from '../../i18n/i18n.tsx'
import { isKey } from '../../i18n/translate.ts'
import { Name } from '../../lib/name.tsx'
import { useStore } from '../../lib/store.ts'
import { sayClock } from '../../lib/times.ts'
import type { RoomActions } from '../actions.ts'

// A list of five hundred would make the page slow for no use; the rest follows as these are decided.
const most = 60

const why = ({ reason }: Waiting) => `people.why.${reason ?? 'lobby'}`

/** Who waits in the lobby, to be let in or not, one by one or all. */
export function LobbyList({ actions }: { actions: RoomActions }) {
  const { t, lang } = useI18n()
  const waiting = useStore(actions.door.store, (state) => state.waiting)
  const [text, setText] = useState('')
  const base = useId()
  const { client } = actions.door
  if (waiting.length === 0) return null
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (!text.trim()) return
    void actions.attempt(client.tellWaiting(text.trim())).then((sent) => {
      if (!sent) return
      setText('')
      actions.notices.add(t('people.sent'))
    })
  }
  return (
    <section className="lobby" aria-label={t('people.waiting')}>
      <div className="people-head">
        <h3>
          {t('people.waiting')} ({waiting.length})
        </h3>
        <span>
          <Button size="small" onClick={() => void actions.attempt(client.denyAll())}>
            {t('people.denyAll')}
          </Button>
          <Button size="small" appearance="primary" onClick={() => void actions.attempt(client.admitAll())}>
            {t('people.admitAll')}
          </Button>
        </span>
      </div>
      <ul className="people-list">
        {waiting.slice(0, most).map((one) => (
          <li key={one.id} className="person">
            <span className="person-text">
              <span id={`${base}${one.id}`} className="person-name">
                <Name name={one.number || one.name} />
                {one.phone && (
                  <span role="img" aria-label={t('common.phone')}>
                    {' '}
                    <CallRegular aria-hidden="true" />
                  </span>
                )}
              </span>
              <span className="quiet small">
                {one.signedIn ? t('common.signedIn') : t('common.guest')} · {one.invited && `${t('people.invited')} · `}
                {isKey(why(one)) && `${t(why(one) as 'people.why.locked')} · `}
                {t('people.since', { time: sayClock(one.since, lang) })}
              </span>
            </span>
            <Button size="small" aria-describedby={`${base}${one.id}`} onClick={() => void actions.attempt(client.deny(one.id))}>
              {t('people.deny')}
            </Button>
            <Button
              size="small"
              appearance="primary"
              aria-describedby={`${base}${one.id}`}
              onClick={() => void actions.attempt(client.admit(one.id))}
            >
              {t('people.admit')}
            </Button>
          </li>
        ))}
      </ul>
      {waiting.length > most && <p className="quiet">+ {waiting.length - most}</p>}
      <form className="lobby-write" onSubmit={send}>
        <Input
          aria-label={t('people.write')}
          placeholder={t('people.writePlaceholder')}
          maxLength={maxLobbyMessage}
          value={text}
          onChange={(_, { value }) => setText(value)}
        />
        <Button type="submit">{t('people.send')}</Button>
      </form>
    </section>
  )
}
