import { middleOf, ntpTime, type RtcpHandlers } from '@parley/rtp'
import type { Layer } from '../forward/layer.ts'
import type { Downlink } from './downlink.ts'
import type { Transport } from './transport.ts'
import type { Uplink } from './uplink.ts'

const LONGEST_RTT_MS = 5_000

/** The connections of a client whose RTCP is read. */
interface RtcpConnection {
  readonly uplink: Uplink
  readonly downlink: Downlink
  readonly subscriber: Transport
  /** Packets that could not be read. */
  malformed: number
  requestKeyframe(layer: Layer, now: number): void
}

/** What each kind of RTCP from a client does: reports on what it sends and receives, requests for packets and key frames. */
export function rtcpHandlers(connection: RtcpConnection): RtcpHandlers {
  const { uplink, downlink, subscriber } = connection
  return {
    senderReport: (ssrc, high, low, rtp) => uplink.senderReport(ssrc, high, low, rtp, performance.now()),
    report: (ssrc, fraction, _lost, _jitter, lastSr, delay) => {
      const downstream = downlink.bySsrc(ssrc)
      if (downstream !== undefined) downstream.fractionLost = fraction / 256
      if (lastSr === 0) return
      const [high, low] = ntpTime(Date.now())
      const rtt = (middleOf(high, low) - lastSr - delay) / 65.536
      if (rtt <= 0 || rtt > LONGEST_RTT_MS) return
      subscriber.measuredRtt(rtt)
      downlink.rttMs = subscriber.rttMs
    },
    nack: (ssrc, sequence) => downlink.bySsrc(ssrc)?.retransmit(sequence, performance.now()),
    keyframeRequest: (ssrc) => {
      const layer = downlink.bySsrc(ssrc)?.currentSegmentLayer
      if (layer !== undefined) connection.requestKeyframe(layer, performance.now())
    },
    remb: (bitrate) => subscriber.estimator.receiverEstimate(bitrate, performance.now()),
    transportFeedback: (packet, start, end) => {
      if (!subscriber.estimator.feedback(packet, start, end, performance.now())) connection.malformed++
    },
  }
}
