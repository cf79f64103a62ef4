import { ConnectionQuality } from '@livekit/protocol'
import type { Downlink } from './downlink.ts'
import type { Transport } from './transport.ts'
import type { Uplink } from './uplink.ts'

/** The connections of a client. */
export interface Connection {
  readonly uplink: Pick<Uplink, 'loss'>
  readonly downlink: Pick<Downlink, 'all' | 'rttMs'>
  readonly subscriber: Pick<Transport, 'estimator'>
}

/** How well a participant is connected, from what is lost on the way from it and to it. Score is 1 to 5, as a MOS. */
export function qualityOf(client: Connection): { quality: ConnectionQuality; score: number } {
  let loss = Math.max(client.uplink.loss, client.subscriber.estimator.loss)
  for (const { downstream } of client.downlink.all) if (downstream !== undefined) loss = Math.max(loss, downstream.fractionLost)
  const delay = Math.max(client.downlink.rttMs / 2, 0) + client.subscriber.estimator.queueMs
  const score = Math.max(1, Math.min(5, 5 - loss * 16 - Math.max(0, delay - 160) / 160))
  if (score >= 4.1) return { quality: ConnectionQuality.EXCELLENT, score }
  if (score >= 3) return { quality: ConnectionQuality.GOOD, score }
  return { quality: ConnectionQuality.POOR, score }
}
