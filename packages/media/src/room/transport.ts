import { randomInt } from 'node:crypto'
import { EXTENSION_URIS, type ExtensionIds, extensionName, noExtensions } from '@parley/rtp'
import { BandwidthEstimator } from '../bandwidth/estimator.ts'
import type { PacketSink } from '../forward/packet-sink.ts'
import { Peer, type PeerEvents, type PeerOptions } from '../peer/peer.ts'
import type { SdpSection, SdpSession } from '../sdp/parse.ts'
import type { LocalTransport } from '../sdp/write.ts'
import { PathMonitor } from './path-monitor.ts'

/** Share of the estimated bandwidth that retransmissions may take. */
const REPAIR_SHARE = 0.3
const OVERLOADED_REPAIR_SHARE = 0.1
/** Standing queue above which more is sent than the link carries. */
const OVERLOADED_QUEUE_MS = 90
/** Share of packets lost above which it is so too, and above which the link cannot go on. */
const OVERLOADED_LOSS = 0.1
const CHOKED_LOSS = 0.3
const REPAIR_BURST_MS = 400
const MIN_REPAIR_BYTES = 3_000
const RTT_SAMPLES = 8

export interface TransportOptions extends PeerOptions {
  announcedAddresses: string[]
  /** What is announced; differs from the bound one when a router maps it. */
  announcedPort: number
}

/** One peer connection of a client, with what was negotiated for all its sections. */
export class Transport implements PacketSink {
  readonly peer: Peer
  readonly estimator = new BandwidthEstimator()
  extensions: ExtensionIds = noExtensions()
  formatKey = ''
  readonly #options: TransportOptions
  readonly #sessionId = String(randomInt(1, 2 ** 47))
  rttMs = 80
  readonly #rtts: number[] = []
  readonly #path = new PathMonitor()
  #received = 0
  #sent = 0
  #version = 0
  #repairBudget = MIN_REPAIR_BYTES
  #repairAt = 0

  constructor(options: TransportOptions, events: PeerEvents) {
    this.#options = options
    const packet = (data: Buffer): void => {
      this.#received++
      events.packet(data)
    }
    this.peer = new Peer(options, { ...events, packet })
  }

  get isOpen(): boolean {
    return this.peer.isOpen
  }

  send(packet: Buffer): void {
    this.#sent++
    this.peer.send(packet)
  }

  /** To be called once a second: whether the path to a client that used to report on what it gets is gone. */
  isSilent(): boolean {
    return this.isOpen && this.#path.check(this.#received, this.#sent) && this.estimator.hasFeedback
  }

  get isOverloaded(): boolean {
    return this.estimator.queueMs > OVERLOADED_QUEUE_MS || this.estimator.loss > OVERLOADED_LOSS
  }

  /** A queue stands or a third is lost: the link cannot carry on until a lower layer's key frame comes. Random loss is no reason. */
  get isChoked(): boolean {
    return this.estimator.queueMs > OVERLOADED_QUEUE_MS || this.estimator.loss > CHOKED_LOSS
  }

  /** Takes a measured round trip; the least of the last ones counts, for a busy machine only ever adds to it. */
  measuredRtt(ms: number): void {
    this.#rtts.push(ms)
    if (this.#rtts.length > RTT_SAMPLES) this.#rtts.shift()
    this.rttMs = Math.min(...this.#rtts)
  }

  mayRepair(size: number, now: number): boolean {
    const share = this.estimator.queueMs > OVERLOADED_QUEUE_MS ? OVERLOADED_REPAIR_SHARE : REPAIR_SHARE
    const bytesPerMs = (this.estimator.estimate * share) / 8_000
    const most = Math.max(MIN_REPAIR_BYTES, bytesPerMs * REPAIR_BURST_MS)
    this.#repairBudget = Math.min(most, this.#repairBudget + (now - this.#repairAt) * bytesPerMs)
    this.#repairAt = now
    if (this.#repairBudget < size) return false
    this.#repairBudget -= size
    return true
  }

  nextTransportSequence(size: number, now: number): number {
    return this.estimator.next(size, now)
  }

  /** Starts towards the far end described there, unless started already or no transport is described. */
  start(remote: SdpSession, setup: 'active' | 'passive', channels: { label: string; reliable: boolean }[]): void {
    if (this.peer.isStarted || remote.ufrag === '') return
    const hasData = remote.sections.some(({ kind, rejected }) => kind === 'application' && !rejected)
    this.peer.connect(
      { ufrag: remote.ufrag, password: remote.password, fingerprint: remote.fingerprint, setup, hasData },
      channels,
    )
  }

  /** What our next SDP says of the connection. */
  describe(setup: LocalTransport['setup']): LocalTransport {
    const { certificate, announcedAddresses, announcedPort } = this.#options
    return {
      ufrag: this.peer.ufrag,
      password: this.peer.password,
      fingerprint: certificate.fingerprint,
      setup,
      candidates: announcedAddresses.map((address) => ({ address, port: announcedPort })),
      sessionId: this.#sessionId,
      version: ++this.#version,
    }
  }

  /**
   * Takes over the extension ids of an offer: the same for all sections of a bundle. Returns those the section keeps.
   * With the dependency descriptor Chromium leaves PictureID out of VP8, which switching layers needs: only SVC gets it.
   */
  acceptExtensions(section: SdpSection, codec: string): { id: number; uri: string }[] {
    const accepted: { id: number; uri: string }[] = []
    for (const extension of section.extensions) {
      const name = extensionName(extension.uri)
      if (name === undefined || extension.id > 14) continue
      if (name === 'dependencyDescriptor' && !isSvc(codec)) continue
      this.extensions[name] = extension.id
      accepted.push(extension)
    }
    this.formatKey = formatKey(this.extensions)
    return accepted
  }

  /** Uses ids of our own choice, for offers we write. */
  chooseExtensions(ids: Partial<ExtensionIds>): void {
    this.extensions = { ...noExtensions(), ...ids }
    this.formatKey = formatKey(this.extensions)
  }

  /** The extensions to offer for that kind of section. */
  offeredExtensions(kind: 'audio' | 'video', codec: string): { id: number; uri: string }[] {
    const names: (keyof ExtensionIds)[] =
      kind === 'audio' ? ['audioLevel', 'transportSequence'] : ['transportSequence', 'orientation', 'playoutDelay']
    if (isSvc(codec)) names.push('dependencyDescriptor')
    return names
      .filter((name) => this.extensions[name] !== 0)
      .map((name) => ({ id: this.extensions[name], uri: EXTENSION_URIS[name] }))
  }

  close(): void {
    this.peer.close()
  }
}

function isSvc(codec: string): boolean {
  return codec === 'vp9' || codec === 'av1'
}

function formatKey(ids: ExtensionIds): string {
  return [ids.transportSequence, ids.audioLevel, ids.orientation, ids.dependencyDescriptor, ids.playoutDelay].join('.')
}
