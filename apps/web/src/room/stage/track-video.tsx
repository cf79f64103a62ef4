import type { Track } from 'livekit-client'
import { useEffect, useRef } from 'react'

type Props = { track: Track; mirrored?: boolean; whole?: boolean; label?: string }

/** A video track in the page. `whole` shows all of it (screens); otherwise it fills the tile unless too much would be cut. */
export function TrackVideo({ track, mirrored = false, whole = false, label }: Props) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const element = video.current
    if (!element) return
    track.attach(element)
    const fit = () => {
      const box = element.clientWidth / Math.max(1, element.clientHeight)
      const picture = element.videoWidth / Math.max(1, element.videoHeight)
      const cut = element.videoWidth === 0 ? 1 : Math.max(box / picture, picture / box)
      element.dataset.fit = whole || cut > 2.3 ? 'whole' : 'fill'
    }
    element.addEventListener('resize', fit)
    const observer = new ResizeObserver(fit)
    observer.observe(element)
    fit()
    return () => {
      element.removeEventListener('resize', fit)
      observer.disconnect()
      track.detach(element)
    }
  }, [track, whole])
  return <video ref={video} className={mirrored ? 'track mirrored' : 'track'} autoPlay playsInline muted aria-label={label} />
}
