import type { SignalResponse } from '@livekit/protocol'

/** One message to a client, its kind and value. */
export type SignalMessage = NonNullable<NonNullable<ConstructorParameters<typeof SignalResponse>[0]>['message']>
