import type { ConnectRoom } from './room.ts'

/**
 * Load rtc-node, 25 MB of native code, ahead of the first call; servers without telephones never do.
 * It logs to standard output by itself, all it does unless NODE_ENV says production, and offers no other switch.
 */
export async function loadLivekit(): Promise<ConnectRoom> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    return (await import('./livekit-leg.ts')).connectLoaded
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
}

/** Join a LiveKit room: the embedded server or a cluster, there is no difference. */
export const connectLivekit: ConnectRoom = async (url, token, rate, events) => (await loadLivekit())(url, token, rate, events)
