import { formatInstant } from '../../common/instant.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import { SubscriptionError } from '../../subscriptions/subscription-error.ts'
import type { Owner } from '../../subscriptions/subscription-store.ts'
import { GraphError } from '../errors.ts'
import type { GraphRequest, GraphResponse } from '../operation.ts'

/** Every permission that lets somebody watch something; which one a resource needs is checked with the resource. */
export const anyPermissions = {
  application: [
    ...['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All', 'Chat.Read.All', 'Chat.ReadWrite.All'],
    ...['OnlineMeetingTranscript.Read.All', 'OnlineMeetingRecording.Read.All'],
  ],
  delegated: [
    ...['OnlineMeetings.Read', 'OnlineMeetings.ReadWrite', 'Chat.Read', 'Chat.ReadWrite'],
    ...['OnlineMeetingTranscript.Read.All', 'OnlineMeetingRecording.Read.All'],
  ],
} as const

/** An application sees all of its own; a person sees theirs with that application. */
export function ownerOf({ principal }: GraphRequest): Owner {
  const creatorId = principal.kind === 'user' ? principal.objectId : null
  return { tenantId: principal.tenantId, appId: principal.appId.toLowerCase(), creatorId }
}

/** A subscription as Graph's entity; the certificate is never given back. */
export function toShape(subscription: Subscription): Record<string, unknown> {
  return {
    id: subscription.id,
    resource: subscription.resource,
    applicationId: subscription.app_id,
    changeType: subscription.change_types,
    clientState: subscription.client_state,
    notificationUrl: subscription.notification_url,
    notificationQueryOptions: null,
    lifecycleNotificationUrl: subscription.lifecycle_url,
    expirationDateTime: formatInstant(subscription.expires_at),
    creatorId: subscription.creator_id,
    includeResourceData: subscription.include_data === 1,
    latestSupportedTlsVersion: subscription.tls_version,
    encryptionCertificate: null,
    encryptionCertificateId: subscription.certificate_id,
    notificationUrlAppId: null,
  }
}

export function answerSubscription(request: GraphRequest, subscription: Subscription, status: 200 | 201): GraphResponse {
  const base = `${request.origin}/${request.version}`
  return {
    status,
    ...(status === 201 ? { headers: { Location: `${base}/subscriptions/${subscription.id}` } } : {}),
    body: { '@odata.context': `${base}/$metadata#subscriptions/$entity`, ...toShape(subscription) },
  }
}

/** A refusal in Graph's words (contract B.17). */
export function toGraphError(error: unknown): unknown {
  if (!(error instanceof SubscriptionError)) return error
  switch (error.reason) {
    case 'handshake':
      return new GraphError('subscriptionRefused', { message: `Subscription validation request failed. ${error.message}` })
    case 'busy':
      return new GraphError('tooManyRequests', { headers: { 'Retry-After': String(error.retryAfter ?? 1) } })
    case 'missing':
      return new GraphError('subscriptionNotFound')
    default:
      return new GraphError('subscriptionQuota', {
        message: `Operation: Create; Exception: [Status Code: Forbidden; Reason: ${error.message}]`,
        reason: error.message,
      })
  }
}
