export { connectLivekit } from '../bridge/livekit.ts'
export type { ConnectRoom, RoomEvents, RoomLeg, RoomLoss } from '../bridge/room.ts'
export type {
  CloseReason,
  EnterResult,
  Language,
  Movement,
  PhoneAttempt,
  PhoneDoor,
  PhoneEntry,
  PhoneState,
  WaitReason,
} from '../door.ts'
export { DialIn, type DialInOptions } from './dial-in.ts'
export { type Phrase, Prompts } from './prompts.ts'
