import { invalidMember } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import { answerSubscription, anyPermissions, ownerOf, toGraphError } from './answer.ts'
import { readEncryption, readExpiration, readLifecycleUrl, readTlsVersion, readUrl, required } from './input.ts'
import { parseResource } from './resource.ts'
import { subscription } from './schema.ts'
import { findWatched, readChangeTypes } from './watched.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const sent = readEntity(subscription, readBody(request))
  const resource = required(sent, 'resource').trim()
  const changeType = required(sent, 'changeType')
  const notificationUrl = readUrl(required(sent, 'notificationUrl'), 'notificationUrl', context)
  const expiresAt = readExpiration(sent.expirationDateTime, context)
  const lifecycleUrl = readLifecycleUrl(sent, expiresAt, context)
  const encryption = readEncryption(sent)
  const tlsVersion = readTlsVersion(sent.latestSupportedTlsVersion)
  const parsed = parseResource(resource)
  if (parsed === undefined) throw invalidMember('resource', 'is no resource that notifies of changes here')
  const watched = await findWatched(parsed, request, context)
  const changes = readChangeTypes(changeType, watched.changes)
  const { tenantId, appId } = ownerOf(request)
  const { principal } = request
  try {
    const made = await context.subscriptions.create({
      ...{ tenant_id: tenantId, app_id: appId, creator_id: principal.objectId, creator_kind: principal.kind },
      ...{ external: principal.external === true ? 1 : 0, resource, kind: watched.kind, meeting_id: watched.meetingId },
      ...{ user_id: watched.userId, change_types: changes.join(','), notification_url: notificationUrl },
      ...{ lifecycle_url: lifecycleUrl, client_state: sent.clientState ?? null, include_data: encryption === null ? 0 : 1 },
      ...{ certificate: encryption?.certificate ?? null, certificate_id: encryption?.id ?? null, tls_version: tlsVersion },
      ...{ expires_at: expiresAt, limit_key: watched.limit === null ? null : `${tenantId}:${appId}:${watched.limit}` },
    })
    return answerSubscription(request, made, 201)
  } catch (error) {
    throw toGraphError(error)
  }
}

/** `POST /subscriptions` (contract B.17). */
export const createSubscription: Operation = {
  versions: ['v1.0', 'beta'],
  method: 'POST',
  path: '/subscriptions',
  permissions: anyPermissions,
  queryOptions: [],
  summary: 'Subscribe to changes of a meeting, its calls or its chat',
  requestBody: subscription,
  answer: { status: 201, schema: subscription },
  handle,
}
