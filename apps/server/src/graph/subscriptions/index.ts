import type { Operation } from '../operation.ts'
import { createSubscription } from './create.ts'
import { manageSubscriptions } from './manage.ts'

/** Change notifications (contract B.17). */
export const subscriptionOperations: readonly Operation[] = [createSubscription, ...manageSubscriptions]
