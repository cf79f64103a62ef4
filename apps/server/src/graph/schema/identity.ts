import { complex, text } from './types.ts'

/** identity (open type). */
const identity = complex('identity', {
  id: text(),
  displayName: text(),
  tenantId: text(),
  thumbnails: text(),
})

/** identitySet (open type), with the members seen in 2018 and today. */
export const identitySet = complex('identitySet', {
  application: identity,
  applicationInstance: identity,
  device: identity,
  encrypted: identity,
  guest: identity,
  phone: identity,
  user: identity,
})
