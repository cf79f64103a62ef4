export {
  EXTENSION_URIS,
  type ExtensionIds,
  extensionLength,
  extensionName,
  extensionStart,
  findExtension,
  noExtensions,
} from './extensions.ts'
export { isRtcp, RtpHeader, rtpHeaderLength } from './header.ts'
export { readLevel } from './level.ts'
export { middleOf, ntpTime, unixMsOf } from './ntp.ts'
export { formatRtp, parseRtp, type RtpPacket } from './packet.ts'
export { parseRtcp, type RtcpHandlers } from './rtcp/parse.ts'
export { type RtcpReports, readReports } from './rtcp/reports.ts'
export { FeedbackWriter, readFeedback } from './rtcp/transport-feedback.ts'
export { type ReportBlock, type SenderReport, writeNack, writePli, writeReceiverReport, writeReport } from './rtcp/write.ts'
export { distance, extend } from './sequence.ts'
