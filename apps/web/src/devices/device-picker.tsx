import { Button, Field, MessageBar, MessageBarActions, MessageBarBody, Select, Tooltip } from '@fluentui/react-components'
import { Speaker2Regular } from '@fluentui/react-icons/svg/speaker'
import type { Key } from '../i18n/en.ts'
import { useT } from '../i18n/i18n.tsx'
import { useStore } from '../lib/store.ts'
import type { AnyKind, DeviceSession } from './device-session.ts'
import { useLevel } from './level.ts'
import { playTone } from './tone.ts'

const unnamed: Record<AnyKind, Key> = {
  camera: 'device.unnamedCamera',
  microphone: 'device.unnamedMicrophone',
  speaker: 'device.unnamedSpeaker',
}

/** Choice of camera, microphone and speaker, the microphone's level, and in words what is wrong with them. */
export function DevicePicker({ devices }: { devices: DeviceSession }) {
  const t = useT()
  const { devices: found, chosen, problem, blocked, wanted, microphone } = useStore(devices.store, (state) => state)
  if (blocked) {
    return (
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{t(`problem.${blocked}`)}</MessageBarBody>
      </MessageBar>
    )
  }
  return (
    <div className="devices">
      {(['camera', 'microphone'] as const).map((kind) => {
        const wrong = problem[kind]
        if (!wrong || (kind === 'camera' && !wanted.camera)) return null
        return (
          <MessageBar key={kind} intent="warning" layout="multiline">
            <MessageBarBody>{t(`problem.${kind}.${wrong}`)}</MessageBarBody>
            <MessageBarActions>
              <Button size="small" onClick={() => void devices.retry(kind)}>
                {t('common.tryAgain')}
              </Button>
            </MessageBarActions>
          </MessageBar>
        )
      })}
      <DeviceSelect
        kind="camera"
        found={found.camera}
        chosen={chosen.camera}
        choose={(id) => void devices.choose('camera', id)}
      />
      <div className="devices-microphone">
        <DeviceSelect
          kind="microphone"
          found={found.microphone}
          chosen={chosen.microphone}
          choose={(id) => void devices.choose('microphone', id)}
        />
        <LevelMeter track={wanted.microphone ? microphone : null} />
      </div>
      <div className="devices-speaker">
        {found.speaker.length > 0 && (
          <DeviceSelect
            kind="speaker"
            found={found.speaker}
            chosen={chosen.speaker}
            choose={(id) => void devices.choose('speaker', id)}
          />
        )}
        <Tooltip content={t('device.testSpeaker')} relationship="label">
          <Button icon={<Speaker2Regular />} onClick={() => playTone('test', 0.15)} />
        </Tooltip>
      </div>
    </div>
  )
}

type SelectProps = { kind: AnyKind; found: MediaDeviceInfo[]; chosen: string; choose: (id: string) => void }

/** One choice of device; devices without a name yet (no permission) are numbered. */
export function DeviceSelect({ kind, found, chosen, choose }: SelectProps) {
  const t = useT()
  const known = found.some((device) => device.deviceId === chosen) ? chosen : (found[0]?.deviceId ?? '')
  return (
    <Field label={t(`device.${kind}`)} className="device-select">
      <Select value={known} disabled={found.length === 0} onChange={(_, { value }) => choose(value)}>
        {found.length === 0 && <option value="">{t('device.none')}</option>}
        {found.map((device, index) => (
          <option key={device.deviceId || index} value={device.deviceId}>
            {device.label.replace(/ \([0-9a-f]{4}:[0-9a-f]{4}\)$/, '') || t(unnamed[kind], { n: index + 1 })}
          </option>
        ))}
      </Select>
    </Field>
  )
}

/** How loud the microphone is, as a bar. */
export function LevelMeter({ track }: { track: MediaStreamTrack | null }) {
  const t = useT()
  const level = useLevel(track)
  return (
    <meter className="level" min={0} max={100} value={Math.round(level * 100)} aria-label={t('device.level')}>
      {Math.round(level * 100)} %
    </meter>
  )
}
