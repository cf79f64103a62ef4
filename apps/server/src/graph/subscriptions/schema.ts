import { bool, dateTime, entity, text } from '../schema/types.ts'

/** subscription (contract B.17). */
export const subscription = entity('subscription', {
  id: text({ readOnly: true }),
  applicationId: text({ readOnly: true }),
  creatorId: text({ readOnly: true }),
  resource: text({ maxLength: 2_000 }),
  changeType: text({ maxLength: 100 }),
  clientState: text({ maxLength: 128 }),
  notificationUrl: text({ maxLength: 2_048 }),
  notificationQueryOptions: text({ readOnly: true }),
  notificationUrlAppId: text({ readOnly: true }),
  lifecycleNotificationUrl: text({ maxLength: 2_048 }),
  expirationDateTime: dateTime(),
  includeResourceData: bool(),
  encryptionCertificate: text({ maxLength: 16_384 }),
  encryptionCertificateId: text({ maxLength: 128 }),
  latestSupportedTlsVersion: text({ maxLength: 10 }),
})
