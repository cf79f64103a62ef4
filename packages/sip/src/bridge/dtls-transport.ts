import { randomBytes } from 'node:crypto'
import { PeerConnection, type Track, Video } from 'node-datachannel'
import { type LocalTransport, type RemoteTransport, transportAnswer } from './sdp.ts'

export interface DtlsTransportEvents {
  /** An RTP or RTCP packet, decrypted. */
  packet(packet: Buffer): void
  connected(): void
  /** Nothing goes through any more. */
  failed(): void
}

/**
 * One ICE, DTLS and SRTP connection to a media server. libdatachannel is given a single made-up section, so that every
 * packet goes through whatever its source, and offers and answers of the room never touch it.
 */
export class DtlsTransport {
  readonly #connection: PeerConnection
  readonly #track: Track
  readonly #events: DtlsTransportEvents
  /** Our end, as offers say it. */
  readonly local: LocalTransport
  #remote = false
  #open = false
  #closed = false
  #early: string[] = []

  constructor(events: DtlsTransportEvents) {
    this.#events = events
    // No servers: addresses of our own are found out by the far end from our checks.
    this.#connection = new PeerConnection('telephone', { iceServers: [], disableAutoNegotiation: true })
    const media = new Video('transport', 'SendRecv')
    media.addVP8Codec(96)
    this.#track = this.#connection.addTrack(media)
    // Without a state handler node-datachannel never lets go of the object.
    this.#connection.onStateChange((state) => this.#onState(state))
    this.#track.onClosed(() => {})
    this.#track.onOpen(() => {
      if (this.#closed) return
      this.#open = true
      events.connected()
    })
    this.#track.onMessage((packet) => {
      if (!this.#closed) events.packet(packet)
    })
    const [ufrag, password] = [randomBytes(6).toString('hex'), randomBytes(24).toString('hex')]
    this.#connection.setLocalDescription('offer', { iceUfrag: ufrag, icePwd: password })
    const fingerprint = /^a=fingerprint:(.+?)\r?$/m.exec(this.#connection.localDescription()?.sdp ?? '')?.[1]
    if (!fingerprint) throw new Error('no fingerprint of the own certificate')
    this.local = { ufrag, password, fingerprint }
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Go to the far end the answer speaks of; later answers change nothing. */
  connect(remote: RemoteTransport): void {
    if (this.#remote || this.#closed) return
    this.#remote = true
    this.#connection.setRemoteDescription(transportAnswer(remote), 'answer')
    for (const candidate of [...remote.candidates, ...this.#early.splice(0)]) this.candidate(candidate)
  }

  /** Another address of the far end. */
  candidate(candidate: string): void {
    if (this.#closed) return
    if (!this.#remote) {
      if (this.#early.length < 32) this.#early.push(candidate)
      return
    }
    try {
      this.#connection.addRemoteCandidate(candidate, 'transport')
    } catch {
      // Of a kind libdatachannel does not know; others follow.
    }
  }

  /** Send an RTP or RTCP packet; lost when the transport is not open. */
  send(packet: Buffer): void {
    if (!this.#open) return
    try {
      this.#track.sendMessageBinary(packet)
    } catch {
      // The far end has just gone; the state change follows.
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#open = false
    this.#track.close()
    this.#connection.close()
  }

  #onState(state: string): void {
    if (this.#closed || (state !== 'failed' && state !== 'disconnected' && state !== 'closed')) return
    this.#open = false
    this.#events.failed()
  }
}
