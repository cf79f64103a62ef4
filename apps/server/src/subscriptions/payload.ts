import { formatInstant } from '../common/instant.ts'
import { encryptContent } from './encryption.ts'
import type { Notification, Subscription } from './subscription.ts'

/** The body that tells a receiver of changes, all of one subscription (contract B.17). */
export function changePayload(
  subscription: Subscription,
  notifications: readonly Notification[],
  validationToken: string | null,
): Record<string, unknown> {
  const value = notifications.map((notification) => ({
    id: notification.id,
    ...common(subscription),
    changeType: notification.event,
    resource: notification.resource,
    resourceData: JSON.parse(notification.resource_data) as unknown,
    ...(notification.content === null || subscription.certificate === null
      ? {}
      : {
          encryptedContent: encryptContent(notification.content, subscription.certificate, subscription.certificate_id ?? ''),
        }),
  }))
  return { value, ...(validationToken === null ? {} : { validationTokens: [validationToken] }) }
}

/** The body of lifecycle notifications (contract B.17). */
export function lifecyclePayload(subscription: Subscription, notifications: readonly Notification[]): Record<string, unknown> {
  return { value: notifications.map(({ event }) => ({ ...common(subscription), lifecycleEvent: event })) }
}

function common(subscription: Subscription): Record<string, unknown> {
  return {
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: formatInstant(subscription.expires_at),
    clientState: subscription.client_state,
    tenantId: subscription.tenant_id,
  }
}
