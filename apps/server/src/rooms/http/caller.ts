import type { FastifyRequest } from 'fastify'
import type { Admission } from '../admission/admission.ts'
import { DoorError } from '../admission/door-error.ts'
import type { RoomsContext } from './rooms-context.ts'

const header = /^Admission +(\S{1,100})$/i
const form = /^([a-f0-9]{24})\.([A-Za-z0-9_-]{43})$/i

/** The admission of `Authorization: Admission <id>.<secret>`, in whatever state. Throws DoorError AdmissionRequired. */
export async function callerOf(request: FastifyRequest, context: RoomsContext): Promise<Admission> {
  const admission = await admissionOf(header.exec(request.headers.authorization ?? '')?.[1] ?? '', context)
  context.rooms.sweeper.heard(admission.id)
  return admission
}

/** The admission of `<id>.<secret>`. Throws DoorError AdmissionRequired. */
export async function admissionOf(secret: string, context: RoomsContext): Promise<Admission> {
  const match = form.exec(secret)
  if (match === null) throw new DoorError('AdmissionRequired')
  return context.rooms.door.authenticate(match[1]!.toLowerCase(), match[2]!)
}
