import { FfiRequest, livekitFfiRequest } from '@livekit/rtc-ffi-bindings'
import type { LocalAudioTrack } from '@livekit/rtc-node'

/** Mute or unmute a published track for the whole room. rtc-node 1.1 has no call for it; the library under it has. */
export function muteTrack(track: LocalAudioTrack, mute: boolean): void {
  const request = new FfiRequest({
    message: { case: 'localTrackMute', value: { trackHandle: track.ffi_handle.handle, mute } },
  })
  livekitFfiRequest(request.toBinary())
}
