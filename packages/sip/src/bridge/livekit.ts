import { LivekitLeg } from './livekit-leg.ts'
import type { ConnectRoom } from './room.ts'

/** Join a LiveKit room: the embedded server or a cluster, there is no difference. */
export const connectLivekit: ConnectRoom = async (url, token, rate, events) => {
  const leg = new LivekitLeg(url, token, rate, events)
  await leg.connect()
  return leg
}
