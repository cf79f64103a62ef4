import { Button, Field, Input, Select, Switch } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import { DeviceSelect, LevelMeter } from '../devices/device-picker.tsx'
import type { AnyKind, DeviceSession } from '../devices/device-session.ts'
import { useI18n } from '../i18n/i18n.tsx'
import type { Lang } from '../i18n/translate.ts'
import { safeName } from '../lib/safe-name.ts'
import { useStore } from '../lib/store.ts'
import { type Appearance, useAppearance } from '../theme/theme.tsx'
import type { RoomActions } from './actions.ts'
import { PanelFrame } from './panel.tsx'

type Props = {
  actions: RoomActions
  devices: DeviceSession
  close: () => void
  sounds: boolean
  setSounds: (on: boolean) => void
  mirrored: boolean
  setMirrored: (on: boolean) => void
}

type WithBlur = MediaTrackCapabilities & { backgroundBlur?: boolean[] }

/** Devices during the call, and how the page looks and sounds. */
export function SettingsPanel({ actions, devices, close, sounds, setSounds, mirrored, setMirrored }: Props) {
  const { t, lang, setLang } = useI18n()
  const { session } = actions
  const { admission, meeting } = useStore(actions.door.store, (state) => state)
  const { appearance, setAppearance } = useAppearance()
  const { devices: found, chosen } = useStore(devices.store, (state) => state)
  const { microphone, camera } = useStore(session.store, (state) => state)
  const track = camera ? (session.local.camera?.mediaStreamTrack ?? null) : null
  const canBlur = ((track?.getCapabilities?.() as WithBlur | undefined)?.backgroundBlur ?? []).includes(true)
  const [blur, setBlur] = useState(false)
  useEffect(() => void devices.refresh(), [devices])
  const choose = (kind: AnyKind) => (id: string) => {
    void devices.choose(kind, id)
    void session.choose(kind, id)
  }
  const applyBlur = async (on: boolean) => {
    await track?.applyConstraints({ ...track.getConstraints(), backgroundBlur: on } as MediaTrackConstraints)
    setBlur(on)
  }
  return (
    <PanelFrame title={t('settings.title')} close={close}>
      <div className="panel-body settings">
        {admission && !admission.signedIn && meeting?.allowRename && (
          <Rename name={admission.name} rename={(name) => void actions.attempt(actions.door.client.rename(name))} />
        )}
        <DeviceSelect kind="camera" found={found.camera} chosen={chosen.camera} choose={choose('camera')} />
        {canBlur && (
          <Field hint={t('device.blurHint')}>
            <Switch
              label={t('device.blur')}
              checked={blur}
              onChange={(_, data) => void applyBlur(data.checked).catch(() => undefined)}
            />
          </Field>
        )}
        <Switch label={t('settings.mirror')} checked={mirrored} onChange={(_, data) => setMirrored(data.checked)} />
        <DeviceSelect kind="microphone" found={found.microphone} chosen={chosen.microphone} choose={choose('microphone')} />
        <LevelMeter track={microphone ? (session.local.microphone?.mediaStreamTrack ?? null) : null} />
        {found.speaker.length > 0 && (
          <DeviceSelect kind="speaker" found={found.speaker} chosen={chosen.speaker} choose={choose('speaker')} />
        )}
        <Switch label={t('settings.sounds')} checked={sounds} onChange={(_, data) => setSounds(data.checked)} />
        <Field label={t('settings.theme')}>
          <Select value={appearance} onChange={(_, data) => setAppearance(data.value as Appearance)}>
            <option value="system">{t('settings.system')}</option>
            <option value="light">{t('settings.light')}</option>
            <option value="dark">{t('settings.dark')}</option>
          </Select>
        </Field>
        <Field label={t('settings.language')}>
          <Select value={lang} onChange={(_, data) => setLang(data.value as Lang)}>
            <option value="es">Español</option>
            <option value="en">English</option>
          </Select>
        </Field>
      </div>
    </PanelFrame>
  )
}

function Rename({ name: known, rename }: { name: string; rename: (name: string) => void }) {
  const { t } = useI18n()
  const [name, setName] = useState(known)
  return (
    <form
      className="rename"
      onSubmit={(event) => {
        event.preventDefault()
        if (safeName(name, '')) rename(name.trim())
      }}
    >
      <Field label={t('join.name')}>
        <Input value={name} maxLength={200} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Button type="submit" disabled={name.trim() === known || !safeName(name, '')}>
        {t('settings.rename')}
      </Button>
    </form>
  )
}
