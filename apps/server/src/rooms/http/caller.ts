import type { FastifyRequest } from 'fastify'
import type { Admission } from '../admission/admission.ts'
import { DoorError } from '../admission/door-error.ts'
import type { RoomsContext } from './rooms-context.ts'

const form = /^Admission +([a-f0-9]{24})\.([A-Za-z0-9_-]{43})$/i

/** The admission of `Authorization: Admission <id>.<secret>`, in whatever state. Throws DoorError AdmissionRequired. */
export async function callerOf(request: FastifyRequest, context: RoomsContext): Promise<Admission> {
  const match = form.exec(request.headers.authorization ?? '')
  if (match === null) throw new DoorError('AdmissionRequired')
  const admission = await context.rooms.door.authenticate(match[1]!.toLowerCase(), match[2]!)
  context.rooms.sweeper.heard(admission.id)
  return admission
}
