import { Button, Tooltip } from '@fluentui/react-components'
import { CallFilled } from '@fluentui/react-icons/svg/call'
import { HandRightFilled } from '@fluentui/react-icons/svg/hand-right'
import { MicOffFilled } from '@fluentui/react-icons/svg/mic-off'
import { PinRegular } from '@fluentui/react-icons/svg/pin'
import { PinOffRegular } from '@fluentui/react-icons/svg/pin-off'
import { WifiWarningRegular } from '@fluentui/react-icons/svg/wifi-warning'
import { type CSSProperties, memo } from 'react'
import { useT } from '../../i18n/i18n.tsx'
import { Name } from '../../lib/name.tsx'
import { hueOf, initials } from '../../lib/safe-name.ts'
import type { Person } from '../../media/people.ts'
import { sayStanding, shortStandingOf } from '../standing.ts'
import { TrackVideo } from './track-video.tsx'

type Props = {
  person: Person
  /** Place in the line of raised hands, from 1; 0 without a raised hand. */
  hand: number
  reaction: string | null
  pinned: boolean
  mirrored: boolean
  pin: ((identity: string | null) => void) | null
  style?: CSSProperties
}

/** One person: picture or initials, name, and marks for muted, speaking, raised hand, telephone and weak connection. */
export const Tile = memo(function Tile({ person, hand, reaction, pinned, mirrored, pin, style }: Props) {
  const t = useT()
  const standing = shortStandingOf(person)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; the role and name are what users' scripts rely on
    <div role="group" aria-label={person.name} className="tile" data-speaking={person.speaking} style={style}>
      {person.camera ? (
        <TrackVideo track={person.camera} mirrored={person.local && mirrored} />
      ) : (
        <Avatar identity={person.identity} name={person.name} />
      )}
      {reaction && (
        <span className="tile-reaction" aria-hidden="true">
          {reaction}
        </span>
      )}
      {hand > 0 && (
        <span className="tile-hand" role="img" aria-label={t('tile.handRaised', { n: hand })}>
          <HandRightFilled aria-hidden="true" /> {hand}
        </span>
      )}
      <div className="tile-foot">
        <span className="tile-label">
          {!person.microphone && (
            <span role="img" aria-label={t('tile.muted')} className="tile-mark">
              <MicOffFilled aria-hidden="true" />
            </span>
          )}
          {person.phone && (
            <span role="img" aria-label={t('common.phone')} className="tile-mark">
              <CallFilled aria-hidden="true" />
            </span>
          )}
          {person.poor && (
            <span role="img" aria-label={t('tile.poor')} className="tile-mark">
              <WifiWarningRegular aria-hidden="true" />
            </span>
          )}
          <Name name={person.name} className="tile-name" />
          {standing.length > 0 && <span className="tile-standing">{sayStanding(t, standing)}</span>}
          {person.local && <span className="tile-you">{t('common.you')}</span>}
          {person.speaking && <span className="sr-only">{t('tile.speaking')}</span>}
        </span>
      </div>
      {pin && (
        <Tooltip content={t(pinned ? 'tile.unpin' : 'tile.pin', { name: person.name })} relationship="label">
          <Button
            className="tile-pin"
            data-pinned={pinned}
            size="small"
            icon={pinned ? <PinOffRegular /> : <PinRegular />}
            onClick={() => pin(pinned ? null : person.identity)}
          />
        </Tooltip>
      )}
    </div>
  )
})

/** The round picture of somebody without a camera. */
export function Avatar({ identity, name }: { identity: string; name: string }) {
  return (
    <div className="tile-avatar" aria-hidden="true" style={{ '--hue': hueOf(identity) } as CSSProperties}>
      <span>{initials(name) || '·'}</span>
    </div>
  )
}
