/** Why somebody waits, was turned away, or the meeting is closed. */
export const reasons = [
  'lobby',
  'notStarted',
  'locked',
  'guestRemoved',
  'invitedOnly',
  'organizationOnly',
  'organizerMissing',
  'full',
  'denied',
  'removed',
  'cancelled',
  'expired',
  'deleted',
  'ended',
] as const
export type Reason = (typeof reasons)[number]
