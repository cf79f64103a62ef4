import { useEffect } from 'react'
import { createPortal } from 'react-dom'
import { useT } from '../i18n/i18n.tsx'
import { useStore } from '../lib/store.ts'
import type { RoomActions } from './actions.ts'
import { Tile } from './stage/tile.tsx'

type Props = { window: Window; actions: RoomActions; mirrored: boolean; close: () => void }

/** The small window over other programs: who speaks, and the microphone. */
export function PictureInPicture({ window: pip, actions, mirrored, close }: Props) {
  const t = useT()
  const { people, speaker, microphone } = useStore(actions.session.store, (state) => state)
  useEffect(() => {
    pip.addEventListener('pagehide', close, { once: true })
    return () => pip.removeEventListener('pagehide', close)
  }, [pip, close])
  const shown = people.find((one) => one.identity === speaker) ?? people.find((one) => !one.local) ?? people[0]
  return createPortal(
    <div className="pip">
      {shown && <Tile person={shown} hand={0} reaction={null} pinned={false} mirrored={mirrored} pin={null} />}
      <div className="pip-bar">
        <button type="button" onClick={actions.toggleMicrophone}>
          {microphone ? t('bar.mute') : t('bar.unmute')}
        </button>
        <button type="button" onClick={actions.leave}>
          {t('bar.leave')}
        </button>
      </div>
    </div>,
    pip.document.body,
  )
}
