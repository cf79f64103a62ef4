import type { ConnectRoom } from './room.ts'

/** Load what joins rooms, native code among it, ahead of the first call; servers without telephones never do. */
export async function loadLivekit(): Promise<ConnectRoom> {
  const { LivekitLeg } = await import('./livekit-leg.ts')
  return async (url, token, rate, events) => {
    const leg = new LivekitLeg(url, token, rate, events)
    await leg.connect()
    return leg
  }
}

/** Join a LiveKit room: the embedded server or a cluster, there is no difference. */
export const connectLivekit: ConnectRoom = async (url, token, rate, events) => (await loadLivekit())(url, token, rate, events)
