import { createMeeting2018 } from './app-2018/create.ts'
import { deleteMeeting2018 } from './app-2018/delete.ts'
import { getMeeting2018 } from './app-2018/get.ts'
import { leaderPasscode2018 } from './app-2018/leader-passcode.ts'
import { updateMeeting2018 } from './app-2018/update.ts'
import { batch } from './batch/batch.ts'
import { chatOperations } from './chats/index.ts'
import { tenantOperations } from './directory/tenant.ts'
import { userOperations } from './directory/users.ts'
import { metadataOperations } from './metadata/metadata.ts'
import { onlineMeetingOperations } from './online-meetings/index.ts'
import type { Operation } from './operation.ts'
import { subscriptionOperations } from './subscriptions/index.ts'

/** Every operation of our Graph; routing, permissions and the OpenAPI document all come from this list. */
export const operations: readonly Operation[] = [
  ...createMeeting2018,
  ...getMeeting2018,
  ...updateMeeting2018,
  ...deleteMeeting2018,
  ...leaderPasscode2018,
  ...onlineMeetingOperations,
  ...userOperations,
  ...tenantOperations,
  ...metadataOperations(() => operations),
  batch,
  ...chatOperations,
  ...subscriptionOperations,
]
