import { recall, remember } from '../lib/storage.ts'
import { createStore } from '../lib/store.ts'
import { type Problem, problemOf } from './problem.ts'

type Kind = 'camera' | 'microphone'
export type AnyKind = Kind | 'speaker'

type DeviceState = {
  /** The page is not secure, or the browser has no camera and microphone support at all. */
  blocked: 'insecure' | 'unsupported' | null
  devices: Record<AnyKind, MediaDeviceInfo[]>
  chosen: Record<AnyKind, string>
  wanted: Record<Kind, boolean>
  camera: MediaStreamTrack | null
  microphone: MediaStreamTrack | null
  problem: Record<Kind, Problem | null>
  busy: boolean
}

const kinds: Record<AnyKind, MediaDeviceKind> = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' }

/** The picture asked of a camera: 720p where it can. */
export const cameraConstraints: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
}
/** The sound asked of a microphone. */
export const microphoneConstraints: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
}

function whyBlocked(): DeviceState['blocked'] {
  if (!globalThis.isSecureContext) return 'insecure'
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.RTCPeerConnection) return 'unsupported'
  return null
}

/** A person's camera, microphone and speaker before the call, kept across the page before joining and the lobby. */
export class DeviceSession {
  readonly store = createStore<DeviceState>({
    blocked: whyBlocked(),
    devices: { camera: [], microphone: [], speaker: [] },
    chosen: { camera: recall('camera') ?? '', microphone: recall('microphone') ?? '', speaker: recall('speaker') ?? '' },
    wanted: { camera: recall('cameraOn') !== 'no', microphone: recall('microphoneOn') !== 'no' },
    camera: null,
    microphone: null,
    problem: { camera: null, microphone: null },
    busy: false,
  })
  #active = false
  #running: Promise<void> = Promise.resolve()

  /** Turn on what the person wants; asks the browser once for both, then one by one when that fails. */
  start(): Promise<void> {
    if (!this.#active) navigator.mediaDevices?.addEventListener?.('devicechange', this.#list)
    this.#active = true
    return this.#queue(async () => {
      const { blocked, wanted, camera, microphone } = this.store.get()
      if (blocked) return
      const need = { camera: wanted.camera && !camera, microphone: !microphone }
      await this.#list()
      const known = this.store.get().devices
      // Asking for a device that is not there refuses the other one as well.
      const both = need.camera && need.microphone && known.camera.length > 0 && known.microphone.length > 0
      if (!both || !(await this.#openBoth())) {
        if (need.microphone) await this.#open('microphone')
        if (need.camera) await this.#open('camera')
      }
      await this.#list()
    })
  }

  /** Give back every device. */
  stop(): void {
    this.#active = false
    navigator.mediaDevices?.removeEventListener?.('devicechange', this.#list)
    const { camera, microphone } = this.store.get()
    camera?.stop()
    microphone?.stop()
    this.store.set({ camera: null, microphone: null })
  }

  /** Hand the running tracks over to the call; they are no longer stopped from here. */
  take(): { camera: MediaStreamTrack | null; microphone: MediaStreamTrack | null } {
    const { camera, microphone, wanted } = this.store.get()
    this.store.set({ camera: null, microphone: null })
    this.stop()
    if (camera && !wanted.camera) camera.stop()
    return { camera: wanted.camera ? camera : null, microphone }
  }

  /** Turn the camera or microphone on or off; remembered for the next meeting. */
  want(kind: Kind, on: boolean): Promise<void> {
    remember(`${kind}On`, on ? 'yes' : 'no')
    this.store.set((now) => ({ wanted: { ...now.wanted, [kind]: on } }))
    return this.#queue(async () => {
      const track = this.store.get()[kind]
      if (kind === 'microphone' && track) track.enabled = on
      else if (on && !track && this.#active) await this.#open(kind)
      else if (!on) {
        track?.stop()
        this.store.set({ [kind]: null } as Partial<DeviceState>)
      }
    })
  }

  /** Use another device; remembered for the next meeting. */
  choose(kind: AnyKind, id: string): Promise<void> {
    remember(kind, id)
    this.store.set((now) => ({ chosen: { ...now.chosen, [kind]: id } }))
    if (kind === 'speaker') return Promise.resolve()
    return this.#queue(async () => {
      const { [kind]: track, wanted } = this.store.get()
      if (!this.#active || (kind === 'camera' && !wanted.camera)) return
      track?.stop()
      await this.#open(kind)
    })
  }

  /** Try again after the person has changed something (permission, plug, other program). */
  retry(kind: Kind): Promise<void> {
    return this.#queue(() => this.#open(kind)).then(this.#list)
  }

  /** Read the list of devices again. */
  refresh(): Promise<void> {
    return this.#list()
  }

  #queue(work: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(async () => {
      this.store.set({ busy: true })
      await work().finally(() => this.store.set({ busy: false }))
    })
    return this.#running
  }

  #constraints(kind: Kind): MediaTrackConstraints {
    const id = this.store.get().chosen[kind]
    const known = this.store.get().devices[kind].some((device) => device.deviceId === id)
    return {
      ...(kind === 'camera' ? cameraConstraints : microphoneConstraints),
      ...(id && known ? { deviceId: { exact: id } } : {}),
    }
  }

  async #openBoth(): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: this.#constraints('camera'),
        audio: this.#constraints('microphone'),
      })
      for (const track of stream.getTracks()) this.#keep(track.kind === 'video' ? 'camera' : 'microphone', track)
      return true
    } catch {
      return false
    }
  }

  async #open(kind: Kind): Promise<void> {
    const asked = this.#constraints(kind)
    try {
      const stream = await navigator.mediaDevices.getUserMedia(kind === 'camera' ? { video: asked } : { audio: asked })
      const track = stream.getTracks()[0]
      if (track) this.#keep(kind, track)
    } catch (error) {
      this.store.set((now) => ({ [kind]: null, problem: { ...now.problem, [kind]: problemOf(error) } }) as Partial<DeviceState>)
    }
  }

  #keep(kind: Kind, track: MediaStreamTrack): void {
    if (!this.#active) {
      track.stop()
      return
    }
    if (kind === 'microphone') track.enabled = this.store.get().wanted.microphone
    track.addEventListener('ended', () => {
      if (this.store.get()[kind] !== track) return
      this.store.set((now) => ({ [kind]: null, problem: { ...now.problem, [kind]: 'failed' } }) as Partial<DeviceState>)
    })
    this.store.set((now) => ({ [kind]: track, problem: { ...now.problem, [kind]: null } }) as Partial<DeviceState>)
  }

  #list = async (): Promise<void> => {
    const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? []
    const of = (kind: AnyKind) => all.filter((device) => device.kind === kinds[kind])
    this.store.set({ devices: { camera: of('camera'), microphone: of('microphone'), speaker: of('speaker') } })
  }
}
