import {
  Button,
  Input,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Switch,
} from '@fluentui/react-components'
import { LockClosedRegular } from '@fluentui/react-icons/svg/lock-closed'
import { MicOffRegular } from '@fluentui/react-icons/svg/mic-off'
import { MoreHorizontalRegular } from '@fluentui/react-icons/svg/more-horizontal'
import { SearchRegular } from '@fluentui/react-icons/svg/search'
import { type Policy, policyMembers } from '@parley/door-api'
import { useState } from 'react'
import { useT } from '../../i18n/i18n.tsx'
import { useStore } from '../../lib/store.ts'
import { type Person, raisedHands } from '../../media/people.ts'
import type { RoomActions } from '../actions.ts'
import { PanelFrame } from '../panel.tsx'
import { EndDialog, RemoveDialog } from './dialogs.tsx'
import { LobbyList } from './lobby-list.tsx'
import { PersonRow } from './person-row.tsx'

type Props = { actions: RoomActions; close: () => void; pinned: string | null; pin: (identity: string | null) => void }

/** Who waits, who has a hand up, who is in; and for those who may, what to do about it. */
export function PeoplePanel({ actions, close, pinned, pin }: Props) {
  const t = useT()
  const { meeting } = useStore(actions.door.store, (state) => state)
  const people = useStore(actions.session.store, (state) => state.people)
  const [search, setSearch] = useState('')
  const [removing, setRemoving] = useState<Person | null>(null)
  const [ending, setEnding] = useState(false)
  /** What was just switched, shown until the server's word arrives. */
  const [wished, setWished] = useState<Partial<Policy>>({})
  const { client } = actions.door
  const canModerate = meeting?.you.canModerate ?? false
  const hands = raisedHands(people)
  const wanted = search.trim().toLocaleLowerCase()
  const found = people.filter((person) => person.name.toLocaleLowerCase().includes(wanted))
  const setRight = async (right: keyof Policy, on: boolean) => {
    setWished((now) => ({ ...now, [right]: on }))
    const forget = () => setWished(({ [right]: _forgotten, ...rest }) => rest)
    // By then the server's word has come, whatever it is.
    if (await actions.attempt(client.setPolicy({ [right]: on }))) setTimeout(forget, 1500)
    else forget()
  }
  const row = (person: Person, place = 0) => (
    <PersonRow
      key={person.identity}
      person={person}
      place={place}
      actions={actions}
      canModerate={canModerate}
      pinned={pinned === person.identity}
      pin={pin}
      remove={() => setRemoving(person)}
    />
  )
  return (
    <PanelFrame
      title={t('people.title')}
      close={close}
      tools={canModerate && <ModeratorMenu actions={actions} end={() => setEnding(true)} />}
    >
      <div className="panel-body people">
        {meeting?.locked && (
          <p className="quiet people-locked">
            <LockClosedRegular aria-hidden="true" /> {t('people.locked')}
          </p>
        )}
        {meeting?.guestsWait && canModerate && (
          <p className="quiet">
            {t('people.guestsWait')}{' '}
            <Button size="small" onClick={() => void actions.attempt(client.setLocked(false))}>
              {t('people.guestsRelease')}
            </Button>
          </p>
        )}
        {meeting?.you.canAdmit && <LobbyList actions={actions} />}
        {hands.length > 0 && (
          <section>
            <h3>{t('people.hands')}</h3>
            <ol className="people-list">{hands.map((person, index) => row(person, index + 1))}</ol>
          </section>
        )}
        <section>
          <div className="people-head">
            <h3>{t('people.inMeeting', { n: people.length })}</h3>
            {canModerate && (
              <Button size="small" icon={<MicOffRegular />} onClick={() => void actions.attempt(client.muteAll())}>
                {t('people.muteAll')}
              </Button>
            )}
          </div>
          {people.length > 8 && (
            <Input
              type="search"
              className="people-search"
              contentBefore={<SearchRegular aria-hidden="true" />}
              aria-label={t('people.search')}
              placeholder={t('people.search')}
              value={search}
              onChange={(_, { value }) => setSearch(value)}
            />
          )}
          <ul className="people-list">{found.map((person) => row(person))}</ul>
          {found.length === 0 && <p className="quiet">{t('people.none')}</p>}
        </section>
        {canModerate && meeting && (
          <details className="people-options">
            <summary>{t('people.options')}</summary>
            {policyMembers.map((right) => (
              <Switch
                key={right}
                label={t(`people.${right}` as 'people.allowChat')}
                checked={wished[right] ?? meeting.policy[right]}
                onChange={(_, data) => void setRight(right, data.checked)}
              />
            ))}
          </details>
        )}
      </div>
      {removing && <RemoveDialog person={removing} close={() => setRemoving(null)} actions={actions} />}
      {ending && <EndDialog close={() => setEnding(false)} actions={actions} />}
    </PanelFrame>
  )
}

function ModeratorMenu({ actions, end }: { actions: RoomActions; end: () => void }) {
  const t = useT()
  const meeting = useStore(actions.door.store, (state) => state.meeting)
  const { client } = actions.door
  const locked = meeting?.locked ?? false
  return (
    <Menu positioning="below-end">
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<MoreHorizontalRegular />} aria-label={t('bar.more')} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem onClick={() => void actions.attempt(client.muteAll(false))}>{t('people.muteAllHard')}</MenuItem>
          <MenuItem onClick={() => void actions.attempt(client.setLocked(!locked))}>
            {locked ? t('people.unlock') : t('people.lock')}
          </MenuItem>
          <MenuDivider />
          <MenuItem onClick={end}>{t('people.end')}</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
