import { bool, collection, complex, dateTime, entity, text } from '../schema/types.ts'

/** user, as far as it is served. */
export const user = entity('user', {
  id: text(),
  businessPhones: collection(text()),
  displayName: text(),
  givenName: text(),
  jobTitle: text(),
  mail: text(),
  mobilePhone: text(),
  officeLocation: text(),
  preferredLanguage: text(),
  surname: text(),
  userPrincipalName: text(),
  accountEnabled: bool(),
  createdDateTime: dateTime(),
  userType: text(),
})

/** Written without `$select`: the members Graph answers by default. */
export const userDefaults = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
] as const

const verifiedDomain = complex('verifiedDomain', {
  capabilities: text(),
  isDefault: bool(),
  isInitial: bool(),
  name: text(),
  type: text(),
})

/** organization, as far as it is served. */
export const organization = entity('organization', {
  id: text(),
  displayName: text(),
  createdDateTime: dateTime(),
  tenantType: text(),
  verifiedDomains: collection(verifiedDomain),
})

/** application, as far as it is served. */
export const application = entity('application', {
  id: text(),
  appId: text(),
  displayName: text(),
  createdDateTime: dateTime(),
  signInAudience: text(),
})
