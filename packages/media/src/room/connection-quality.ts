import { ConnectionQuality } from '@livekit/protocol'
import type { Participant } from './participant.ts'

/** How well a participant is connected, from what is lost on the way from it and to it. Score is 1 to 5, as a MOS. */
export function qualityOf(participant: Participant): { quality: ConnectionQuality; score: number } {
  let loss = Math.max(participant.uplink.loss, participant.subscriber.estimator.loss)
  for (const { downstream } of participant.downlink.all)
    if (downstream !== undefined) loss = Math.max(loss, downstream.fractionLost)
  const delay = Math.max(participant.downlink.rttMs / 2, 0) + participant.subscriber.estimator.queueMs
  const score = Math.max(1, Math.min(5, 5 - loss * 16 - Math.max(0, delay - 160) / 160))
  if (score >= 4.1) return { quality: ConnectionQuality.EXCELLENT, score }
  if (score >= 3) return { quality: ConnectionQuality.GOOD, score }
  return { quality: ConnectionQuality.POOR, score }
}
