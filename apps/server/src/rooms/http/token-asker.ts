import type { Principal } from '../../identity/principal.ts'
import { TokenError } from '../../identity/token-error.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { DoorError } from '../admission/door-error.ts'
import { grantsOf, neededToEnter, type TokenGrants } from '../admission/token-grants.ts'
import type { RoomsContext } from './rooms-context.ts'

/** Who an access token speaks for at the door, and what it opens there. */
export type TokenAsker = { grants: TokenGrants } & (
  | { kind: 'app'; appId: string; tenantId: string; displayName: string | undefined }
  | { kind: 'user'; user: { id: string; tenantId: string; upn: string }; displayName: string }
)

/**
 * A Parley-issued or trusted access token, held to the same permissions as under `/v1.0`, and to the application access
 * policy where that is strict. Throws DoorError TokenRefused or PermissionMissing.
 */
export async function askerOfToken(token: string, meeting: Meeting, context: RoomsContext): Promise<TokenAsker> {
  const principal = await context.accessTokens.verify(token).catch((error: unknown) => {
    if (error instanceof TokenError) throw new DoorError('TokenRefused', { message: error.message })
    throw error
  })
  const application = principal.external ? undefined : await context.directory.applications.findByClientId(principal.appId)
  if (!principal.external && application?.enabled !== true)
    throw new DoorError('TokenRefused', {
      message: 'The application of the access token does not exist any more or is disabled.',
    })
  const { kind, tenantId, appId } = principal
  const grants = grantsOf(kind, kind === 'app' ? principal.roles : principal.scopes)
  if (grants === undefined) throw missing(principal)
  if (kind === 'app') {
    await checkPolicy(principal, meeting, context)
    return { kind, grants, appId, tenantId, displayName: application?.displayName }
  }
  const user = await context.directory.users.find(tenantId, principal.objectId)
  if (user === undefined || !user.enabled)
    throw new DoorError('TokenRefused', { message: 'The person of the access token does not exist any more or is disabled.' })
  return { kind, grants, user: { id: user.id, tenantId: user.tenantId, upn: user.upn }, displayName: user.displayName }
}

function missing({ kind }: Principal): DoorError {
  const what = kind === 'app' ? 'role' : 'delegated permission'
  return new DoorError('PermissionMissing', {
    message: `The access token lacks the ${what} ${neededToEnter(kind).join(' or ')}.`,
  })
}

/** Where the policy is strict, an application comes to the meetings of those people only for whom it may act. */
async function checkPolicy({ appId }: Principal, meeting: Meeting, context: RoomsContext): Promise<void> {
  if (context.config.accessPolicy !== 'strict') return
  const { tenantId, organizerId } = meeting
  if (await context.accessPolicies.allows(tenantId, organizerId, appId)) return
  const reason = await context.accessPolicies.explain(tenantId, organizerId, appId)
  context.accessRefusals.note({ tenantId, appId, userId: organizerId, operation: 'POST /api/door/ask', reason })
  throw new DoorError('PermissionMissing', {
    message: "No application access policy lets the application come to this organizer's meetings.",
  })
}
