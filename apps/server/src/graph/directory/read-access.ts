import { GraphError } from '../errors.ts'
import type { GraphContext, GraphRequest } from '../operation.ts'

/** An application that may act for every user may see who they are: in the open mode only (docs/limits.md). */
export const meetingRoles = ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'] as const

/** Throws GraphError 403 where the policy is strict and the token has none of the directory's own roles. */
export function checkDirectoryRole(request: GraphRequest, context: GraphContext, roles: readonly string[]): void {
  if (request.principal.kind === 'user' || context.config.accessPolicy === 'open') return
  if (roles.some((role) => request.principal.roles.has(role))) return
  throw new GraphError('insufficientPrivileges', { reason: `the token lacks the role ${roles.join(' or ')}` })
}
