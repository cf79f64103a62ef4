import { parseRtcp } from './parse.ts'
import type { ReportBlock, SenderReport } from './write.ts'

/** What the reports of one RTCP datagram say. */
export interface RtcpReports {
  sender?: SenderReport
  receptions: ReportBlock[]
  bye: boolean
}

/** Reads the reports of a compound RTCP datagram; a part that is malformed ends the reading. */
export function readReports(data: Buffer): RtcpReports {
  const reports: RtcpReports = { receptions: [], bye: false }
  parseRtcp(data, {
    senderReport: (ssrc, seconds, fraction, timestamp, packets, octets) => {
      reports.sender = { ssrc, ntp: [seconds, fraction], timestamp, packets, octets }
    },
    report: (ssrc, lost256, lost, jitter, lastSenderReport, delaySinceSenderReport, highest) => {
      const fractionLost = lost256 / 256
      reports.receptions.push({ ssrc, fractionLost, lost, highest, jitter, lastSenderReport, delaySinceSenderReport })
    },
    bye: () => {
      reports.bye = true
    },
  })
  return reports
}
