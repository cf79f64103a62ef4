import { AddTrackRequest, Ping, SignalRequest, SignalResponse, TrackSource, TrackType } from '@livekit/protocol'
import { within } from './person.ts'

const publishable = {
  microphone: { type: TrackType.AUDIO, source: TrackSource.MICROPHONE },
  camera: { type: TrackType.VIDEO, source: TrackSource.CAMERA },
  share: { type: TrackType.VIDEO, source: TrackSource.SCREEN_SHARE },
}

/**
 * Ask the media server, by LiveKit's signalling alone, for a track of each source; those it gave. It refuses by saying
 * nothing, so a ping goes last: what is not given when that is answered will not be.
 */
export async function tracksGiven(media: { url: string; token: string }): Promise<Record<keyof typeof publishable, boolean>> {
  const socket = new WebSocket(`${media.url}/rtc?access_token=${media.token}&protocol=15&auto_subscribe=0`)
  socket.binaryType = 'arraybuffer'
  const given = { microphone: false, camera: false, share: false }
  const send = (message: SignalRequest['message']) =>
    socket.send(new SignalRequest({ message }).toBinary() as Uint8Array<ArrayBuffer>)
  const answered = new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error('the media server refused the token')))
    socket.addEventListener('close', () => reject(new Error('the media server closed the socket')))
    socket.addEventListener('message', ({ data }) => {
      const { message } = SignalResponse.fromBinary(new Uint8Array(data as ArrayBuffer))
      if (message.case === 'join') {
        for (const [cid, track] of Object.entries(publishable))
          send({ case: 'addTrack', value: new AddTrackRequest({ cid, name: cid, ...track }) })
        send({ case: 'pingReq', value: new Ping({ timestamp: 1n }) })
      } else if (message.case === 'trackPublished') given[message.value.cid as keyof typeof given] = true
      else if (message.case === 'pongResp') resolve()
    })
  })
  try {
    await within('the media server to answer', answered)
    return given
  } finally {
    socket.close()
  }
}
