import { addMillis, type Instant } from '../../common/instant.ts'
import { AddressError, parseAddress } from '../../subscriptions/address.ts'
import { readCertificate } from '../../subscriptions/encryption.ts'
import { lifecycleMinutes, maxMinutes } from '../../subscriptions/subscription.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { GraphContext } from '../operation.ts'
import type { Static } from '../schema/types.ts'
import type { subscription } from './schema.ts'

export type SentSubscription = Static<typeof subscription>

const minute = 60_000

/** A required member that is text. Throws GraphError. */
export function required(sent: SentSubscription, name: 'resource' | 'changeType' | 'notificationUrl'): string {
  const value = sent[name]
  if (value == null || value.trim() === '') throw invalidMember(name, 'is required')
  return value
}

/** The expiry asked for, within what a subscription may last. Throws GraphError. */
export function readExpiration(value: string | null | undefined, context: GraphContext): Instant {
  if (value == null) throw invalidMember('expirationDateTime', 'is required')
  const expiresAt = value as Instant
  const now = context.clock.now()
  if (expiresAt <= now) throw invalidMember('expirationDateTime', 'must lie in the future')
  // A client's clock may be a little ahead of ours.
  if (expiresAt > addMillis(now, (maxMinutes + 1) * minute))
    throw new GraphError('subscriptionRefused', {
      target: 'expirationDateTime',
      message: `Subscription expiration can only be ${maxMinutes} minutes in the future.`,
    })
  return expiresAt
}

/** An address for notifications, as far as can be said without looking it up. Throws GraphError. */
export function readUrl(value: string, member: string, context: GraphContext): string {
  try {
    const url = parseAddress(value.trim())
    if (url.protocol === 'http:' && !context.config.notifyPrivate) throw new AddressError('must be an https address')
    return url.href
  } catch (error) {
    if (error instanceof AddressError) throw invalidMember(member, error.message)
    throw error
  }
}

/** lifecycleNotificationUrl, which long subscriptions need. Throws GraphError. */
export function readLifecycleUrl(sent: SentSubscription, expiresAt: Instant, context: GraphContext): string | null {
  const value = sent.lifecycleNotificationUrl
  if (value != null) return readUrl(value, 'lifecycleNotificationUrl', context)
  if (expiresAt <= addMillis(context.clock.now(), lifecycleMinutes * minute)) return null
  throw new GraphError('subscriptionRefused', {
    target: 'lifecycleNotificationUrl',
    message:
      'lifecycleNotificationUrl is a required property for subscription creation on this resource when the expirationDateTime value is set to greater than 1 hour.',
  })
}

/** What encryption needs, when resource data is asked for. Throws GraphError. */
export function readEncryption(sent: SentSubscription): { certificate: string; id: string } | null {
  if (sent.includeResourceData !== true) return null
  if (sent.encryptionCertificate == null) throw invalidMember('encryptionCertificate', 'is required with includeResourceData')
  if (sent.encryptionCertificateId == null) throw invalidMember('encryptionCertificateId', 'is required with includeResourceData')
  const certificate = readCertificate(sent.encryptionCertificate)
  if (certificate === undefined)
    throw invalidMember('encryptionCertificate', 'expected base64 of an X.509 certificate with an RSA key of 2048 to 4096 bits')
  return { certificate, id: sent.encryptionCertificateId }
}

/** latestSupportedTlsVersion; the versions that are not safe any more are refused. Throws GraphError. */
export function readTlsVersion(value: string | null | undefined): string {
  if (value == null) return 'v1_2'
  const version = value.toLowerCase()
  if (version !== 'v1_2' && version !== 'v1_3') throw invalidMember('latestSupportedTlsVersion', 'expected v1_2 or v1_3')
  return version
}
