import type { Operation } from '../operation.ts'
import { attendanceReports } from './attendance-reports.ts'
import { calendar } from './calendar.ts'
import { callArtifacts } from './call-artifacts.ts'
import { createMeeting } from './create.ts'
import { createOrGetMeeting } from './create-or-get.ts'
import { deleteMeeting } from './delete.ts'
import { getMeeting } from './get.ts'
import { lookupMeeting } from './lookup.ts'
import { lookupByVtcId } from './lookup-vtc.ts'
import { updateMeeting } from './update.ts'
import { virtualAppointment } from './virtual-appointment.ts'

/** Today's operations on meetings (contract B.1). */
export const onlineMeetingOperations: readonly Operation[] = [
  ...createMeeting,
  ...createOrGetMeeting,
  ...getMeeting,
  ...lookupMeeting,
  ...lookupByVtcId,
  ...updateMeeting,
  ...deleteMeeting,
  ...attendanceReports,
  ...callArtifacts,
  ...virtualAppointment,
  ...calendar,
]
