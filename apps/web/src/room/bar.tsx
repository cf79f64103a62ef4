import {
  Button,
  CounterBadge,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Tooltip,
} from '@fluentui/react-components'
import { CallEndFilled } from '@fluentui/react-icons/svg/call-end'
import { ChatFilled, ChatRegular } from '@fluentui/react-icons/svg/chat'
import { EmojiRegular } from '@fluentui/react-icons/svg/emoji'
import { FullScreenMaximizeRegular } from '@fluentui/react-icons/svg/full-screen-maximize'
import { GridRegular } from '@fluentui/react-icons/svg/grid'
import { HandRightFilled, HandRightRegular } from '@fluentui/react-icons/svg/hand-right'
import { InfoRegular } from '@fluentui/react-icons/svg/info'
import { KeyboardRegular } from '@fluentui/react-icons/svg/keyboard'
import { MicFilled } from '@fluentui/react-icons/svg/mic'
import { MicOffRegular } from '@fluentui/react-icons/svg/mic-off'
import { MoreHorizontalRegular } from '@fluentui/react-icons/svg/more-horizontal'
import { PeopleFilled, PeopleRegular } from '@fluentui/react-icons/svg/people'
import { PersonVoiceRegular } from '@fluentui/react-icons/svg/person-voice'
import { PictureInPictureRegular } from '@fluentui/react-icons/svg/picture-in-picture'
import { SettingsRegular } from '@fluentui/react-icons/svg/settings'
import { ShareScreenStartRegular } from '@fluentui/react-icons/svg/share-screen-start'
import { ShareScreenStopFilled } from '@fluentui/react-icons/svg/share-screen-stop'
import { VideoFilled } from '@fluentui/react-icons/svg/video'
import { VideoOffRegular } from '@fluentui/react-icons/svg/video-off'
import type { ReactElement, ReactNode } from 'react'
import type { Key } from '../i18n/en.ts'
import { useT } from '../i18n/i18n.tsx'
import { useStore } from '../lib/store.ts'
import type { RoomActions } from './actions.ts'
import { useFullScreen } from './use-full-screen.ts'
import { useMedia } from './use-media.ts'

const reactionEmoji = ['👍', '❤️', '👏', '😂', '😮', '🎉'] as const

type Props = { actions: RoomActions; unread: number; waiting: number }

/** The row of controls under the stage. */
export function Bar({ actions, unread, waiting }: Props) {
  const t = useT()
  const { microphone, camera, sharing, can, people } = useStore(actions.session.store, (state) => state)
  const { panel } = actions
  const small = useMedia('(max-width: 600px)')
  const handUp = people.some((person) => person.local && person.hand)
  const mayShare = typeof navigator.mediaDevices?.getDisplayMedia === 'function'
  const canModerate = useStore(actions.door.store, (state) => state.meeting?.you.canModerate === true)
  const allowReactions = useStore(actions.door.store, (state) => state.meeting?.policy.allowReactions !== false)
  const mayReact = can.data && (allowReactions || canModerate)
  return (
    <div className="bar" role="toolbar" aria-label={t('bar.label')}>
      <Control
        label={microphone ? t('bar.mute') : t('bar.unmute')}
        hint={can.microphone ? null : t('bar.micForbidden')}
        icon={microphone ? <MicFilled /> : <MicOffRegular />}
        state={microphone ? 'on' : 'off'}
        run={actions.toggleMicrophone}
      />
      <Control
        label={camera ? t('bar.cameraOff') : t('bar.cameraOn')}
        hint={can.camera ? null : t('bar.cameraForbidden')}
        icon={camera ? <VideoFilled /> : <VideoOffRegular />}
        state={camera ? 'on' : 'off'}
        run={actions.toggleCamera}
      />
      {mayShare && !small && (
        <Control
          label={sharing ? t('bar.stopShare') : t('bar.share')}
          hint={can.share || sharing ? null : t('bar.shareForbidden')}
          icon={sharing ? <ShareScreenStopFilled /> : <ShareScreenStartRegular />}
          state={sharing ? 'active' : 'plain'}
          run={actions.toggleShare}
        />
      )}
      <Control
        label={handUp ? t('bar.lowerHand') : t('bar.hand')}
        hint={mayReact || handUp ? null : t('error.NotAllowed')}
        icon={handUp ? <HandRightFilled /> : <HandRightRegular />}
        state={handUp ? 'active' : 'plain'}
        run={actions.toggleHand}
      />
      {!small && mayReact && <Reactions actions={actions} />}
      <span className="bar-gap" />
      <Control
        label={t('bar.chat')}
        icon={panel === 'chat' ? <ChatFilled /> : <ChatRegular />}
        state={panel === 'chat' ? 'active' : 'plain'}
        expanded={panel === 'chat'}
        run={() => actions.togglePanel('chat')}
        badge={unread}
        badgeLabel="bar.unread"
      />
      <Control
        label={t('bar.people')}
        icon={panel === 'people' ? <PeopleFilled /> : <PeopleRegular />}
        state={panel === 'people' ? 'active' : 'plain'}
        expanded={panel === 'people'}
        run={() => actions.togglePanel('people')}
        badge={waiting}
        badgeLabel="bar.waitingCount"
      />
      <MoreMenu actions={actions}>
        {small && mayReact && (
          <>
            <ReactionItems react={actions.react} />
            <MenuDivider />
          </>
        )}
        {small && mayShare && (can.share || sharing) && (
          <MenuItem icon={<ShareScreenStartRegular />} onClick={actions.toggleShare}>
            {sharing ? t('bar.stopShare') : t('bar.share')}
          </MenuItem>
        )}
      </MoreMenu>
      <Tooltip content={t('bar.leave')} relationship="label">
        <Button className="bar-leave" size="large" icon={<CallEndFilled />} onClick={actions.leave}>
          {small ? null : t('bar.leave')}
        </Button>
      </Tooltip>
    </div>
  )
}

type ControlProps = {
  label: string
  hint?: string | null
  icon: ReactElement
  state: 'on' | 'off' | 'active' | 'plain'
  run: () => void
  expanded?: boolean
  badge?: number
  badgeLabel?: Key
}

function Control({ label, hint = null, icon, state, run, expanded, badge = 0, badgeLabel }: ControlProps) {
  const t = useT()
  const count = badge > 0 && badgeLabel ? t(badgeLabel, { n: badge }) : null
  return (
    <Tooltip content={hint ? `${label}: ${hint}` : count ? `${label}: ${count}` : label} relationship="inaccessible">
      <span className="control">
        <Button
          className="control-button"
          data-state={state}
          size="large"
          appearance="subtle"
          icon={icon}
          aria-label={label}
          aria-description={hint ?? count ?? undefined}
          {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
          disabledFocusable={hint !== null}
          onClick={run}
        />
        {badge > 0 && <CounterBadge className="control-badge" count={badge} color="danger" size="small" aria-hidden="true" />}
      </span>
    </Tooltip>
  )
}

function Reactions({ actions }: { actions: RoomActions }) {
  const t = useT()
  return (
    <Menu positioning="above">
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={t('bar.react')} relationship="label">
          <Button className="control-button" data-state="plain" size="large" appearance="subtle" icon={<EmojiRegular />} />
        </Tooltip>
      </MenuTrigger>
      <MenuPopover className="reactions-menu">
        <MenuList>
          <ReactionItems react={actions.react} />
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

/** The reactions as a row of menu items. */
export function ReactionItems({ react }: { react: (emoji: string) => void }) {
  const t = useT()
  return (
    <div className="menu-reactions" role="presentation">
      {reactionEmoji.map((emoji) => (
        <MenuItem key={emoji} aria-label={t(`emoji.${emoji}`)} onClick={() => react(emoji)}>
          {emoji}
        </MenuItem>
      ))}
    </div>
  )
}

function MoreMenu({ actions, children }: { actions: RoomActions; children: ReactNode }) {
  const t = useT()
  const full = useFullScreen()
  return (
    <Menu positioning="above-end">
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={t('bar.more')} relationship="label">
          <Button
            className="control-button"
            data-state="plain"
            size="large"
            appearance="subtle"
            icon={<MoreHorizontalRegular />}
          />
        </Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {children}
          <MenuItem icon={actions.view === 'gallery' ? <PersonVoiceRegular /> : <GridRegular />} onClick={actions.toggleView}>
            {actions.view === 'gallery' ? t('more.speakerView') : t('more.gallery')}
          </MenuItem>
          {actions.pictureInPicture && (
            <MenuItem icon={<PictureInPictureRegular />} onClick={actions.pictureInPicture}>
              {t('more.pip')}
            </MenuItem>
          )}
          {document.fullscreenEnabled && (
            <MenuItem icon={<FullScreenMaximizeRegular />} onClick={actions.toggleFullScreen}>
              {full ? t('more.exitFullScreen') : t('more.fullScreen')}
            </MenuItem>
          )}
          <MenuDivider />
          <MenuItem icon={<InfoRegular />} onClick={() => actions.openPanel('info')}>
            {t('more.info')}
          </MenuItem>
          <MenuItem icon={<SettingsRegular />} onClick={() => actions.openPanel('settings')}>
            {t('more.settings')}
          </MenuItem>
          <MenuItem icon={<KeyboardRegular />} onClick={actions.showShortcuts}>
            {t('more.shortcuts')}
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
