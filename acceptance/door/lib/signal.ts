import {
  AddTrackRequest,
  type JoinResponse,
  Ping,
  SignalRequest,
  SignalResponse,
  TrackSource,
  TrackType,
} from '@livekit/protocol'
import { within } from './person.ts'

interface Media {
  url: string
  token: string
}

/** Somebody in a media room by LiveKit's signalling alone: let in or refused, asked things, sent out; sends no packets. */
export class SignalPeer {
  readonly #socket: WebSocket
  readonly #heard = new Set<(message: SignalResponse['message']) => void>()
  /** Resolves with the media server's answer; rejects when it refuses. */
  readonly joined: Promise<JoinResponse>
  /** Resolves when the media server sends this peer out. */
  readonly sentOut: Promise<void>

  constructor({ url, token }: Media) {
    this.#socket = new WebSocket(`${url}/rtc?access_token=${token}&protocol=15&auto_subscribe=0`)
    this.#socket.binaryType = 'arraybuffer'
    this.#socket.addEventListener('message', ({ data }) => {
      const { message } = SignalResponse.fromBinary(new Uint8Array(data as ArrayBuffer))
      for (const hear of this.#heard) hear(message)
    })
    const refused = new Promise<never>((_, reject) => {
      this.#socket.addEventListener('error', () => reject(new Error('the media server refused the token')))
    })
    refused.catch(() => undefined)
    this.joined = within(
      'the media server to answer',
      Promise.race([this.#first((message) => (message.case === 'join' ? message.value : undefined)), refused]),
    )
    this.joined.catch(() => undefined)
    this.sentOut = this.#first((message) => (message.case === 'leave' ? message.value : undefined)).then(() => this.leave())
  }

  send(message: SignalRequest['message']): void {
    this.#socket.send(new SignalRequest({ message }).toBinary() as Uint8Array<ArrayBuffer>)
  }

  /** What a message has that fits. */
  hears<T>(pick: (message: SignalResponse['message']) => T | undefined): Promise<T> {
    return within('the media server to answer', this.#first(pick))
  }

  onMessage(hear: (message: SignalResponse['message']) => void): void {
    this.#heard.add(hear)
  }

  leave(): void {
    this.#socket.close()
  }

  #first<T>(pick: (message: SignalResponse['message']) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const hear = (message: SignalResponse['message']) => {
        const found = pick(message)
        if (found === undefined) return
        this.#heard.delete(hear)
        resolve(found)
      }
      this.#heard.add(hear)
    })
  }
}

/** Whether the media server lets in who has a token. */
export async function isLetIn(media: Media): Promise<boolean> {
  const peer = new SignalPeer(media)
  try {
    return await peer.joined.then(
      () => true,
      () => false,
    )
  } finally {
    peer.leave()
  }
}

const publishable = {
  microphone: { type: TrackType.AUDIO, source: TrackSource.MICROPHONE },
  camera: { type: TrackType.VIDEO, source: TrackSource.CAMERA },
  share: { type: TrackType.VIDEO, source: TrackSource.SCREEN_SHARE },
}

/**
 * Ask the media server for a track of each source; those it gave. It refuses by saying nothing, so a ping goes last:
 * what is not given when that is answered will not be.
 */
export async function tracksGiven(media: Media): Promise<Record<keyof typeof publishable, boolean>> {
  const peer = new SignalPeer(media)
  const given = { microphone: false, camera: false, share: false }
  peer.onMessage((message) => {
    if (message.case === 'trackPublished') given[message.value.cid as keyof typeof given] = true
  })
  try {
    await peer.joined
    for (const [cid, track] of Object.entries(publishable))
      peer.send({ case: 'addTrack', value: new AddTrackRequest({ cid, name: cid, ...track }) })
    const answered = peer.hears(({ case: kind }) => (kind === 'pongResp' ? true : undefined))
    peer.send({ case: 'pingReq', value: new Ping({ timestamp: 1n }) })
    await answered
    return given
  } finally {
    peer.leave()
  }
}
