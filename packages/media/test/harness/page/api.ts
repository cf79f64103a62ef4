// What the test page offers to the tests, free of browser types so that both sides can share it.

/** How a participant joins. `single`: one peer connection (`/rtc/v1`); otherwise two (`/rtc`). */
export interface JoinOptions {
  single?: boolean
  adaptiveStream?: boolean
  dynacast?: boolean
  autoSubscribe?: boolean
  /** Reconnect attempts wait this long, in milliseconds, one entry an attempt; default is the client's own policy. */
  retryDelays?: number[]
}

export interface Joined {
  sid: string
  identity: string
  name: string
  room: string
  roomSid: string
  /** Milliseconds from connect() to connected. */
  took: number
}

export interface TrackView {
  sid: string
  name: string
  source: string
  kind: string
  muted: boolean
  subscribed: boolean
  streamState: string
  mimeType: string
  width: number
  height: number
}

export interface PersonView {
  sid: string
  identity: string
  name: string
  metadata: string
  attributes: Record<string, string>
  quality: string
  speaking: boolean
  audioLevel: number
  canPublish: boolean
  canSubscribe: boolean
  canPublishData: boolean
  tracks: TrackView[]
}

/** One thing a Room announced; `at` is the page's clock in milliseconds. */
export interface RoomEventView {
  at: number
  type: string
  identity?: string
  sid?: string
  value?: unknown
}

export interface InboundStats {
  framesDecoded: number
  width: number
  height: number
  packets: number
  lost: number
  bytes: number
  freezes: number
  freezeSeconds: number
  energy: number
  mimeType: string
  nacks: number
  plis: number
}

export interface OutboundLayer {
  rid: string
  active: boolean
  framesEncoded: number
  packets: number
  width: number
  height: number
  mimeType: string
  targetBitrate: number
  retransmitted: number
  /** Frames the camera gave, whether encoded or not. */
  sourceFrames: number
  limitation: string
}

export interface CameraOptions {
  width?: number
  height?: number
  simulcast?: boolean
  codec?: string
  frameRate?: number
}

/** Every method of the page, callable by name from the tests. */
export interface PageApi {
  join(url: string, token: string, options?: JoinOptions): Promise<Joined>
  /** Call before join(): milliseconds from connect() to the first remote picture drawn. */
  firstFrame(): Promise<number>
  leave(): Promise<void>
  state(): Promise<string>
  camera(options?: CameraOptions): Promise<string>
  microphone(): Promise<string>
  screen(): Promise<string[]>
  /** Publish a bright 440 Hz tone in place of the microphone, `volume` 0 to 1. */
  tone(volume: number): Promise<string>
  setTone(volume: number): Promise<void>
  mute(sid: string): Promise<void>
  unmute(sid: string): Promise<void>
  unpublish(sid: string): Promise<void>
  people(): Promise<PersonView[]>
  me(): Promise<PersonView>
  roomMetadata(): Promise<string>
  /** Events so far, from the given index on. */
  events(from?: number): Promise<RoomEventView[]>
  inbound(sid: string): Promise<InboundStats>
  outbound(sid: string): Promise<OutboundLayer[]>
  subscribe(sid: string, on: boolean): Promise<void>
  quality(sid: string, quality: 'low' | 'medium' | 'high'): Promise<void>
  enable(sid: string, on: boolean): Promise<void>
  /** Show the remote video in a tile of that size, or hide its tile. */
  tile(sid: string, width: number, height: number, shown?: boolean): Promise<void>
  /**
   * Longest time between two rendered frames of a shown video, in milliseconds, since the call before; without `sid` of the
   * own camera, which no network can hold up: what the machine itself takes.
   */
  longestGap(sid?: string): Promise<number>
  send(text: string, reliable: boolean, topic?: string, to?: string[]): Promise<void>
  /** Send a binary message of `bytes` bytes, reliably. */
  sendBig(bytes: number, topic: string): Promise<string>
  sendText(text: string, topic: string, to?: string[]): Promise<void>
  answerRpc(method: string): Promise<void>
  rpc(to: string, method: string, payload: string): Promise<string>
  setMetadata(value: string): Promise<string>
  setName(value: string): Promise<string>
  setAttributes(value: Record<string, string>): Promise<string>
  allowSubscribers(identities: string[] | null): Promise<void>
  /** One of livekit-client's rehearsals of trouble, such as 'signal-reconnect' or 'full-reconnect'. */
  rehearse(scenario: string): Promise<void>
  /** Close the signalling socket under the client's feet. */
  dropSocket(): Promise<number>
}
