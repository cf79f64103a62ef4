import { Button, Spinner, Tooltip } from '@fluentui/react-components'
import { MicRegular } from '@fluentui/react-icons/svg/mic'
import { MicOffRegular } from '@fluentui/react-icons/svg/mic-off'
import { VideoRegular } from '@fluentui/react-icons/svg/video'
import { VideoOffRegular } from '@fluentui/react-icons/svg/video-off'
import { useEffect, useRef } from 'react'
import type { DeviceSession } from '../devices/device-session.ts'
import { useT } from '../i18n/i18n.tsx'
import { initials } from '../lib/safe-name.ts'
import { useStore } from '../lib/store.ts'

/** One's own picture before joining, with the switches for camera and microphone on it. */
export function Preview({ devices, name }: { devices: DeviceSession; name: string }) {
  const t = useT()
  const { camera, microphone, wanted, problem, blocked, busy } = useStore(devices.store, (state) => state)
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const element = video.current
    if (element) element.srcObject = camera ? new MediaStream([camera]) : null
  }, [camera])
  const micOn = wanted.microphone && microphone !== null
  const starting = busy && wanted.camera && !camera && !problem.camera
  return (
    <div className="preview">
      {camera ? (
        <video ref={video} className="preview-video mirrored" aria-label={t('join.preview')} autoPlay playsInline muted />
      ) : (
        <div className="preview-off">
          {starting ? (
            <Spinner size="large" aria-label={t('app.loading')} />
          ) : (
            <>
              <span className="preview-initials" aria-hidden="true">
                {initials(name) || <VideoOffRegular fontSize={40} />}
              </span>
              <span>{problem.camera || blocked ? t('join.noCamera') : t('join.cameraOff')}</span>
            </>
          )}
        </div>
      )}
      <div className="preview-switches">
        <Tooltip content={micOn ? t('bar.mute') : t('bar.unmute')} relationship="label">
          <Button
            size="large"
            shape="circular"
            className={micOn ? 'switch-on' : 'switch-off'}
            icon={micOn ? <MicRegular /> : <MicOffRegular />}
            onClick={() => void (microphone ? devices.want('microphone', !micOn) : switchOnAgain(devices, 'microphone'))}
          />
        </Tooltip>
        <Tooltip content={camera ? t('bar.cameraOff') : t('bar.cameraOn')} relationship="label">
          <Button
            size="large"
            shape="circular"
            className={camera ? 'switch-on' : 'switch-off'}
            icon={camera ? <VideoRegular /> : <VideoOffRegular />}
            onClick={() => void (camera || !problem.camera ? devices.want('camera', !camera) : switchOnAgain(devices, 'camera'))}
          />
        </Tooltip>
      </div>
    </div>
  )
}

async function switchOnAgain(devices: DeviceSession, kind: 'camera' | 'microphone'): Promise<void> {
  await devices.want(kind, true)
  if (!devices.store.get()[kind]) await devices.retry(kind)
}
