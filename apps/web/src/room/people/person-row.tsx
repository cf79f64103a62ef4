import { Button, Menu, MenuDivider, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import { CallRegular } from '@fluentui/react-icons/svg/call'
import { HandRightFilled } from '@fluentui/react-icons/svg/hand-right'
import { MicRegular } from '@fluentui/react-icons/svg/mic'
import { MicOffRegular } from '@fluentui/react-icons/svg/mic-off'
import { MoreHorizontalRegular } from '@fluentui/react-icons/svg/more-horizontal'
import { ShareScreenStartRegular } from '@fluentui/react-icons/svg/share-screen-start'
import { useT } from '../../i18n/i18n.tsx'
import { Name } from '../../lib/name.tsx'
import { useStore } from '../../lib/store.ts'
import type { Person } from '../../media/people.ts'
import type { RoomActions } from '../actions.ts'
import { Avatar } from '../stage/tile.tsx'
import { sayStanding, standingOf } from '../standing.ts'

type Props = {
  person: Person
  /** Place in the line of raised hands, from 1; 0 where the line is not shown. */
  place: number
  actions: RoomActions
  canModerate: boolean
  pinned: boolean
  pin: (identity: string | null) => void
  remove: () => void
}

/** One person of the list, with what can be done to them. */
export function PersonRow({ person, place, actions, canModerate, pinned, pin, remove }: Props) {
  const t = useT()
  const myRole = useStore(actions.door.store, (state) => state.admission?.role)
  const { client } = actions.door
  const { identity } = person
  const standing = standingOf(person)
  const moderate = canModerate && !person.local
  const changeRole = moderate && person.role !== 'organizer'
  return (
    <li className="person">
      <span className="person-picture">
        <Avatar identity={identity} name={person.name} />
      </span>
      <span className="person-text">
        <span className="person-name">
          {place > 0 && <span className="quiet">{place}. </span>}
          <Name name={person.name} /> {person.local && <span className="quiet">{t('common.you')}</span>}
        </span>
        {standing.length > 0 && <span className="quiet small">{sayStanding(t, standing)}</span>}
      </span>
      <span className="person-marks">
        {person.phone && (
          <span role="img" aria-label={t('common.phone')}>
            <CallRegular aria-hidden="true" />
          </span>
        )}
        {person.sharing && <ShareScreenStartRegular aria-hidden="true" />}
        {person.hand && <HandRightFilled aria-hidden="true" className="mark-hand" />}
        {person.microphone ? (
          <MicRegular aria-hidden="true" />
        ) : (
          <span role="img" aria-label={t('tile.muted')}>
            <MicOffRegular aria-hidden="true" />
          </span>
        )}
      </span>
      <Menu positioning="below-end">
        <MenuTrigger disableButtonEnhancement>
          <Button
            appearance="subtle"
            size="small"
            icon={<MoreHorizontalRegular />}
            aria-label={t('tile.actions', { name: person.name })}
          />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => pin(pinned ? null : identity)}>{t(pinned ? 'people.pinOff' : 'people.pinOn')}</MenuItem>
            {moderate && person.microphone && (
              <MenuItem onClick={() => void actions.attempt(client.toPerson(identity, 'mute'))}>{t('people.mute')}</MenuItem>
            )}
            {moderate && person.camera && (
              <MenuItem onClick={() => void actions.attempt(client.toPerson(identity, 'stop-camera'))}>
                {t('people.stopCamera')}
              </MenuItem>
            )}
            {moderate && person.sharing && (
              <MenuItem onClick={() => void actions.attempt(client.toPerson(identity, 'stop-share'))}>
                {t('people.stopShare')}
              </MenuItem>
            )}
            {moderate && person.hand && (
              <MenuItem onClick={() => void actions.attempt(client.toPerson(identity, 'lower-hand'))}>
                {t('people.lowerHand')}
              </MenuItem>
            )}
            {changeRole && <MenuDivider />}
            {changeRole && person.role !== 'presenter' && (
              <MenuItem onClick={() => void actions.attempt(client.setRole(identity, 'presenter'))}>
                {t('people.makePresenter')}
              </MenuItem>
            )}
            {changeRole && person.role !== 'attendee' && (
              <MenuItem onClick={() => void actions.attempt(client.setRole(identity, 'attendee'))}>
                {t('people.makeAttendee')}
              </MenuItem>
            )}
            {changeRole && myRole === 'organizer' && person.role !== 'coorganizer' && (
              <MenuItem onClick={() => void actions.attempt(client.setRole(identity, 'coorganizer'))}>
                {t('people.makeCoorganizer')}
              </MenuItem>
            )}
            {changeRole && <MenuDivider />}
            {changeRole && <MenuItem onClick={remove}>{t('people.remove')}</MenuItem>}
          </MenuList>
        </MenuPopover>
      </Menu>
    </li>
  )
}
