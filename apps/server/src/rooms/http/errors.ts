import { randomUUID } from 'node:crypto'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { DoorError } from '../admission/door-error.ts'

/** Answer an error in Graph's form. What nobody expected becomes InternalError and is logged. */
export function sendDoorError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = asDoorError(error)
  if (refusal.status >= 500 && error !== refusal) request.log.error({ err: error }, 'the door failed')
  if (refusal.retryAfter !== undefined) reply.header('Retry-After', String(refusal.retryAfter))
  const { code, message, target, detail } = refusal
  return reply.code(refusal.status).send({
    error: {
      code,
      message,
      ...(target === undefined ? {} : { target }),
      innerError: {
        ...detail,
        ...(target === undefined ? {} : { target }),
        date: new Date().toISOString().slice(0, 19),
        'request-id': randomUUID(),
      },
    },
  })
}

function asDoorError(error: unknown): DoorError {
  if (error instanceof DoorError) return error
  const { statusCode, code } = error as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new DoorError('UnsupportedMediaType')
  if (statusCode === 413) return new DoorError('RequestTooLarge')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new DoorError('InvalidArgument')
  return new DoorError('InternalError')
}
