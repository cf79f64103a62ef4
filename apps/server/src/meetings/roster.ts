/** Somebody in a call, as notifications name them. */
export interface RosterMember {
  /** The LiveKit identity. */
  identity: string
  name: string
  /** Object id of a signed-in person of the directory. */
  userId: string | null
  role: 'organizer' | 'coorganizer' | 'presenter' | 'attendee'
  phone: boolean
}

/** Who the admissions are that events name. */
export interface Roster {
  /** In the order asked for; those that are gone are left out. */
  membersOf(meetingId: string, admissionIds: readonly string[]): Promise<RosterMember[]>
}
