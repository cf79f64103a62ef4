import type { Migration } from 'kysely/migration'
import * as core from './0001-core.ts'
import * as sessions from './0010-sessions.ts'
import * as delegated from './0011-delegated.ts'
import * as accessPolicies from './0020-access-policies.ts'
import * as door from './0030-door.ts'
import * as chat from './0040-chat.ts'
import * as subscriptions from './0045-subscriptions.ts'
import * as audit from './0050-audit.ts'
import * as callRefusals from './0060-call-refusals.ts'
import * as doorPersons from './0080-door-persons.ts'
import * as events from './0090-events.ts'
import * as oidcOwners from './0095-oidc-owners.ts'

/** In order of name. Forward only: a migration is never edited once it has landed. */
export const migrations: Record<string, Migration> = {
  '0001-core': core,
  '0010-sessions': sessions,
  '0011-delegated': delegated,
  '0040-chat': chat,
  '0020-access-policies': accessPolicies,
  '0030-door': door,
  '0045-subscriptions': subscriptions,
  '0050-audit': audit,
  '0060-call-refusals': callRefusals,
  '0080-door-persons': doorPersons,
  '0090-events': events,
  '0095-oidc-owners': oidcOwners,
}
