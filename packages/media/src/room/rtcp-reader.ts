import type { RtcpHandlers } from '../rtcp/parse.ts'
import { ntpTime } from '../rtcp/write.ts'
import type { Participant } from './participant.ts'

const LONGEST_RTT_MS = 5_000

/** What each kind of RTCP from a client does: reports on what it sends and receives, requests for packets and key frames. */
export function rtcpHandlers(participant: Participant): RtcpHandlers {
  const { uplink, downlink, subscriber } = participant
  return {
    senderReport: (ssrc, high, low, rtp) => uplink.senderReport(ssrc, high, low, rtp, performance.now()),
    report: (ssrc, fraction, _lost, _jitter, lastSr, delay) => {
      const downstream = downlink.bySsrc(ssrc)
      if (downstream !== undefined) downstream.fractionLost = fraction / 256
      if (lastSr === 0) return
      const [high, low] = ntpTime(Date.now())
      const rtt = ((((high & 0xffff) * 0x10000 + (low >>> 16)) >>> 0) - lastSr - delay) / 65.536
      if (rtt <= 0 || rtt > LONGEST_RTT_MS) return
      subscriber.measuredRtt(rtt)
      downlink.rttMs = subscriber.rttMs
    },
    nack: (ssrc, sequence) => downlink.bySsrc(ssrc)?.retransmit(sequence, performance.now()),
    keyframeRequest: (ssrc) => {
      const layer = downlink.bySsrc(ssrc)?.currentSegmentLayer
      if (layer !== undefined) participant.room.requestKeyframe(layer, performance.now())
    },
    remb: (bitrate) => subscriber.estimator.receiverEstimate(bitrate, performance.now()),
    transportFeedback: (packet, start, end) => {
      if (!subscriber.estimator.feedback(packet, start, end, performance.now())) participant.malformed++
    },
  }
}
