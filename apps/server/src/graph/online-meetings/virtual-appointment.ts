import { joinUrl } from '../../meetings/links.ts'
import { GraphError } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { findForReading, findForWriting } from './find.ts'
import { ownerOf } from './owner.ts'
import { underUser } from './under-user.ts'

async function link(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  const meeting = await findForReading(request, context, owner.user)
  return {
    status: 200,
    body: {
      '@odata.context': `${request.origin}/${request.version}/$metadata#Edm.String`,
      value: joinUrl(context.config.publicUrl, meeting, 'thread.v2'),
    },
  }
}

/** Parley has no way to send SMS, and says so rather than accept what nobody will get. */
async function refuseSms(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  await findForWriting(request, context, owner.user)
  readBody(request)
  throw new GraphError('notSupported', { message: 'This server sends no SMS; nothing was sent.' })
}

const sms = {
  method: 'POST',
  permissions: {
    application: ['VirtualAppointment.ReadWrite.All', 'VirtualAppointmentNotification.Send'],
    delegated: ['VirtualAppointment.ReadWrite', 'VirtualAppointmentNotification.Send'],
  },
  queryOptions: [],
  summary: 'Always refused: Parley sends no SMS',
  handle: refuseSms,
} as const

/** The page of an appointment is the meeting's own page (contract B.15). */
export const virtualAppointment = [
  ...underUser({
    method: 'GET',
    path: '/onlineMeetings/{meetingId}/getVirtualAppointmentJoinWebUrl',
    permissions: {
      application: ['VirtualAppointment.Read.All', 'VirtualAppointment.ReadWrite.All'],
      delegated: ['VirtualAppointment.Read', 'VirtualAppointment.ReadWrite'],
    },
    queryOptions: [],
    summary: 'The link of the page where an outsider joins',
    handle: link,
  }),
  ...underUser({ ...sms, path: '/onlineMeetings/{meetingId}/sendVirtualAppointmentSms' }),
  ...underUser({ ...sms, path: '/onlineMeetings/{meetingId}/sendVirtualAppointmentReminderSms' }),
]
