// The page one participant of the conformance suite lives in: livekit-client as anybody would use it, driven by name from the tests.
import {
  DefaultReconnectPolicy,
  LocalAudioTrack,
  type LocalTrack,
  type LocalTrackPublication,
  type Participant,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  type SimulationScenario,
  Track,
  type TrackPublication,
  VideoPresets,
  VideoQuality,
} from 'livekit-client'
import type {
  CameraOptions,
  InboundStats,
  Joined,
  JoinOptions,
  OutboundLayer,
  PageApi,
  PersonView,
  RoomEventView,
} from './api.ts'
import { sockets } from './network.mts'

let room: Room
const events: RoomEventView[] = []
const elements = new Map<string, HTMLVideoElement>()
const gaps = new Map<string, number>()
let gain: GainNode | undefined
let started = 0
let onFirstVideo: ((took: number) => void) | undefined

const view = (person: Participant): PersonView => ({
  sid: person.sid,
  identity: person.identity,
  name: person.name ?? '',
  metadata: person.metadata ?? '',
  attributes: { ...person.attributes },
  quality: person.connectionQuality,
  speaking: person.isSpeaking,
  audioLevel: person.audioLevel,
  canPublish: person.permissions?.canPublish ?? false,
  canSubscribe: person.permissions?.canSubscribe ?? false,
  canPublishData: person.permissions?.canPublishData ?? false,
  tracks: [...person.trackPublications.values()].map((publication) => ({
    sid: publication.trackSid,
    name: publication.trackName,
    source: publication.source,
    kind: publication.kind,
    muted: publication.isMuted,
    subscribed: publication.isSubscribed,
    streamState: publication.track?.streamState ?? '',
    mimeType: publication.mimeType ?? '',
    width: publication.dimensions?.width ?? 0,
    height: publication.dimensions?.height ?? 0,
  })),
})

/** Turn whatever an event carries into something that crosses to the tests. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.length > 4096 ? value.length : new TextDecoder().decode(value)
  if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return value
  if (Array.isArray(value)) return value.map((entry) => (entry?.identity !== undefined ? entry.identity : plain(entry)))
  if (value instanceof Error) return value.message
  const thing = value as { identity?: string; trackSid?: string; constructor?: { name: string } }
  if (thing.identity !== undefined) return undefined
  if (thing.trackSid !== undefined) return undefined
  if (thing.constructor === Object) return JSON.parse(JSON.stringify(value))
  return undefined
}

function watch(type: string): void {
  ;(room as unknown as { on(type: string, handler: (...args: unknown[]) => void): void }).on(type, (...args) => {
    const event: RoomEventView = { at: performance.now(), type }
    const values: unknown[] = []
    for (const arg of args) {
      const thing = arg as { identity?: string; trackSid?: string } | undefined
      if (thing && typeof thing === 'object' && thing.identity !== undefined) event.identity = thing.identity
      else if (thing && typeof thing === 'object' && thing.trackSid !== undefined) event.sid = thing.trackSid
      else {
        const crossing = plain(arg)
        if (crossing !== undefined) values.push(crossing)
      }
    }
    if (values.length > 0) event.value = values.length === 1 ? values[0] : values
    events.push(event)
  })
}

const everybody = () => [room.localParticipant as Participant, ...room.remoteParticipants.values()]

function publication(sid: string): TrackPublication {
  const found = everybody()
    .flatMap((person) => [...person.trackPublications.values()])
    .find((entry) => entry.trackSid === sid)
  if (!found) throw new Error(`no publication ${sid}`)
  return found
}
const local = (sid: string) => publication(sid) as LocalTrackPublication
const remote = (sid: string) => publication(sid) as RemoteTrackPublication

/** The largest time between two frames drawn is what a person sees as a freeze. */
function watchFrames(sid: string, element: HTMLVideoElement): void {
  let last = performance.now()
  const frame = () => {
    const now = performance.now()
    gaps.set(sid, Math.max(gaps.get(sid) ?? 0, now - last))
    last = now
    element.requestVideoFrameCallback(frame)
  }
  element.requestVideoFrameCallback(frame)
}

async function join(url: string, token: string, options: JoinOptions = {}): Promise<Joined> {
  room = new Room({
    singlePeerConnection: options.single ?? true,
    adaptiveStream: options.adaptiveStream ?? false,
    dynacast: options.dynacast ?? false,
    ...(options.retryDelays ? { reconnectPolicy: new DefaultReconnectPolicy(options.retryDelays) } : {}),
  })
  events.length = 0
  for (const type of Object.values(RoomEvent)) watch(type)
  // Chromium decodes audio only when something plays it.
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind === Track.Kind.Video && onFirstVideo) {
      const element = track.attach() as HTMLVideoElement
      element.muted = true
      document.body.append(element)
      element.requestVideoFrameCallback(() => onFirstVideo?.(performance.now() - started))
    }
    if (track.kind !== Track.Kind.Audio) return
    const element = track.attach(document.createElement('audio'))
    document.body.append(element)
    element.play().catch(() => undefined)
  })
  room.registerTextStreamHandler('chat', async (reader, from) => {
    const value = await reader.readAll()
    events.push({ at: performance.now(), type: 'text', identity: from.identity, value })
  })
  started = performance.now()
  await room.connect(url, token, { autoSubscribe: options.autoSubscribe ?? true })
  const took = performance.now() - started
  const { sid, identity, name } = room.localParticipant
  return { sid, identity, name: name ?? '', room: room.name, roomSid: await room.getSid(), took }
}

async function camera(options: CameraOptions = {}): Promise<string> {
  const { width = 640, height = 360, simulcast = true, codec = 'vp8', frameRate = 20 } = options
  const published = await room.localParticipant.setCameraEnabled(
    true,
    { resolution: { width, height, frameRate } },
    {
      simulcast,
      videoCodec: codec as 'vp8',
      videoSimulcastLayers: height >= 720 ? [VideoPresets.h180, VideoPresets.h360] : [VideoPresets.h180],
    },
  )
  if (!published) throw new Error('camera was not published')
  showSelf(published)
  return published.trackSid
}

/**
 * Shows the camera to its owner, as every page does. Without it the device has no consumer while a lost connection is
 * being rebuilt, and Chromium's fake one then never delivers another frame, whatever the server.
 */
function showSelf({ track }: LocalTrackPublication): void {
  if (!track || track.attachedElements.length > 0) return
  const element = track.attach() as HTMLVideoElement
  element.muted = true
  document.body.append(element)
  watchFrames('own', element)
}

async function tone(volume: number): Promise<string> {
  const context = new AudioContext()
  const oscillator = new OscillatorNode(context, { frequency: 440 })
  gain = new GainNode(context, { gain: volume })
  const destination = context.createMediaStreamDestination()
  oscillator.connect(gain).connect(destination)
  oscillator.start()
  const track = new LocalAudioTrack(destination.stream.getAudioTracks()[0]!, undefined, true, context) as LocalTrack
  const published = await room.localParticipant.publishTrack(track, { source: Track.Source.Microphone, dtx: false })
  return published.trackSid
}

async function inbound(sid: string): Promise<InboundStats> {
  const report = await publication(sid).track?.getRTCStatsReport()
  const stats: InboundStats = {
    ...{ framesDecoded: 0, width: 0, height: 0, packets: 0, lost: 0, bytes: 0, freezes: 0 },
    ...{ freezeSeconds: 0, energy: 0, mimeType: '', nacks: 0, plis: 0 },
  }
  report?.forEach((entry) => {
    if (entry.type !== 'inbound-rtp') return
    stats.framesDecoded = entry.framesDecoded ?? 0
    stats.width = entry.frameWidth ?? 0
    stats.height = entry.frameHeight ?? 0
    stats.packets = entry.packetsReceived ?? 0
    stats.lost = entry.packetsLost ?? 0
    stats.bytes = entry.bytesReceived ?? 0
    stats.freezes = entry.freezeCount ?? 0
    stats.freezeSeconds = entry.totalFreezesDuration ?? 0
    stats.energy = entry.totalAudioEnergy ?? 0
    stats.nacks = entry.nackCount ?? 0
    stats.plis = entry.pliCount ?? 0
    stats.mimeType = report.get(entry.codecId)?.mimeType ?? ''
  })
  return stats
}

async function outbound(sid: string): Promise<OutboundLayer[]> {
  const report = await local(sid).track?.sender?.getStats()
  const layers: OutboundLayer[] = []
  report?.forEach((entry) => {
    if (entry.type !== 'outbound-rtp') return
    layers.push({
      rid: entry.rid ?? '',
      active: entry.active ?? true,
      framesEncoded: entry.framesEncoded ?? 0,
      packets: entry.packetsSent ?? 0,
      width: entry.frameWidth ?? 0,
      height: entry.frameHeight ?? 0,
      mimeType: report.get(entry.codecId)?.mimeType ?? '',
      targetBitrate: entry.targetBitrate ?? 0,
      retransmitted: entry.retransmittedPacketsSent ?? 0,
      sourceFrames: report.get(entry.mediaSourceId)?.frames ?? 0,
      limitation: entry.qualityLimitationReason ?? '',
    })
  })
  return layers.sort((a, b) => a.rid.localeCompare(b.rid))
}

/** Run something and say how it ended, so that a refusal can be asserted on. */
async function outcome(action: Promise<unknown>): Promise<string> {
  try {
    await action
    return 'ok'
  } catch (error) {
    return (error as Error).message || String(error)
  }
}

const api: PageApi = {
  join,
  camera,
  tone,
  inbound,
  outbound,
  leave: () => room.disconnect(),
  state: async () => room.state,
  microphone: async () => (await room.localParticipant.setMicrophoneEnabled(true))!.trackSid,
  async screen() {
    await room.localParticipant.setScreenShareEnabled(true, {
      audio: true,
      resolution: { width: 640, height: 360, frameRate: 10 },
    })
    return [...room.localParticipant.trackPublications.values()]
      .filter((entry) => entry.source === Track.Source.ScreenShare || entry.source === Track.Source.ScreenShareAudio)
      .map((entry) => entry.trackSid)
  },
  async setTone(volume) {
    gain?.gain.setValueAtTime(volume, 0)
  },
  async mute(sid) {
    await local(sid).mute()
  },
  async unmute(sid) {
    await local(sid).unmute()
  },
  async unpublish(sid) {
    await room.localParticipant.unpublishTrack(local(sid).track!)
  },
  people: async () => [...room.remoteParticipants.values()].map(view),
  me: async () => view(room.localParticipant),
  roomMetadata: async () => room.metadata ?? '',
  events: async (from = 0) => events.slice(from),
  subscribe: async (sid, on) => remote(sid).setSubscribed(on),
  quality: async (sid, quality) =>
    remote(sid).setVideoQuality({ low: VideoQuality.LOW, medium: VideoQuality.MEDIUM, high: VideoQuality.HIGH }[quality]),
  enable: async (sid, on) => remote(sid).setEnabled(on),
  async tile(sid, width, height, shown = true) {
    let element = elements.get(sid)
    if (!element) {
      element = document.createElement('video')
      element.muted = true
      element.autoplay = true
      document.body.append(element)
      elements.set(sid, element)
      remote(sid).track!.attach(element)
      watchFrames(sid, element)
    }
    element.style.width = `${width}px`
    element.style.height = `${height}px`
    element.style.display = shown ? 'block' : 'none'
  },
  async longestGap(sid = 'own') {
    const gap = gaps.get(sid) ?? Number.POSITIVE_INFINITY
    gaps.set(sid, 0)
    return gap
  },
  send: (text, reliable, topic, to) =>
    room.localParticipant.publishData(new TextEncoder().encode(text), {
      reliable,
      ...(topic ? { topic } : {}),
      ...(to ? { destinationIdentities: to } : {}),
    }),
  sendBig: (bytes, topic) => outcome(room.localParticipant.publishData(new Uint8Array(bytes), { reliable: true, topic })),
  async sendText(text, topic, to) {
    await room.localParticipant.sendText(text, { topic, ...(to ? { destinationIdentities: to } : {}) })
  },
  async answerRpc(method) {
    room.registerRpcMethod(method, async (data) => `${data.callerIdentity}:${data.payload.toUpperCase()}`)
  },
  async rpc(to, method, payload) {
    try {
      return await room.localParticipant.performRpc({ destinationIdentity: to, method, payload, responseTimeout: 5000 })
    } catch (error) {
      const problem = error as { code?: number; message: string }
      return `error ${problem.code ?? ''} ${problem.message}`
    }
  },
  setMetadata: (value) => outcome(room.localParticipant.setMetadata(value)),
  setName: (value) => outcome(room.localParticipant.setName(value)),
  setAttributes: (value) => outcome(room.localParticipant.setAttributes(value)),
  firstFrame: () =>
    new Promise((resolve) => {
      onFirstVideo = resolve
    }),
  async allowSubscribers(identities) {
    room.localParticipant.setTrackSubscriptionPermissions(
      identities === null,
      (identities ?? []).map((participantIdentity) => ({ participantIdentity, allowAll: true })),
    )
  },
  rehearse: (scenario) => room.simulateScenario(scenario as SimulationScenario),
  async dropSocket() {
    const open = sockets.filter((socket) => socket.readyState === WebSocket.OPEN)
    for (const socket of open) socket.close(4000, 'dropped by the test')
    return open.length
  },
}
Object.assign(globalThis, { api })
