import type { Clock } from '../common/clock.ts'
import { addMillis, type Instant } from '../common/instant.ts'
import type { Step } from '../store/unit.ts'
import { checkExpiration, checkTimes, defaultExpiration } from './expiry.ts'
import { newLeaderPasscode, newMeetingIds } from './ids.ts'
import type { AccessLevel, Attendee, Meeting, MeetingOptions, MeetingType } from './meeting.ts'
import { MeetingError } from './meeting-error.ts'
import type { MeetingStore } from './meeting-store.ts'

/** What a new meeting is made from; whatever is left out has a default. */
export interface MeetingDraft {
  tenantId: string
  organizerId: string
  meetingType?: MeetingType | undefined
  subject?: string | null | undefined
  startAt?: Instant | null | undefined
  endAt?: Instant | null | undefined
  expiresAt?: Instant | null | undefined
  accessLevel?: AccessLevel | undefined
  entryExitAnnouncement?: boolean | undefined
  attendees?: Attendee[] | undefined
  externalId?: string | null | undefined
  joinPasscode?: string | null | undefined
  options?: MeetingOptions | undefined
}

/** What can change afterwards; a member that is absent stays as it is. */
export interface MeetingPatch {
  subject?: string | null
  startAt?: Instant | null
  endAt?: Instant | null
  /** Null goes back to the default. */
  expiresAt?: Instant | null
  accessLevel?: AccessLevel
  entryExitAnnouncement?: boolean
  attendees?: Attendee[]
  cancelled?: boolean
  leaderPasscode?: string | null
  options?: MeetingOptions
}

/** What a change of a meeting changes elsewhere, in the same unit; `after` is null when it is deleted. */
export type Consequences = (change: { before: Meeting; after: Meeting | null; at: Instant }) => Step[]

const idAttempts = 24
const writeAttempts = 10
/** A standing link that is used daily need not be written daily. */
const useResolution = 3_600_000

/** The rules of meetings: what can be made, changed and ended. Knows neither HTTP nor OData. */
export class MeetingManager {
  readonly #store: MeetingStore
  readonly #clock: Clock
  /** Whether new meetings get a leader's passcode. */
  readonly #leader: boolean
  readonly #consequences: Consequences

  constructor(store: MeetingStore, clock: Clock, options: { leader?: boolean; consequences?: Consequences } = {}) {
    this.#store = store
    this.#consequences = options.consequences ?? (() => [])
    this.#leader = options.leader ?? false
    this.#clock = clock
  }

  /**
   * Make and store a meeting. Throws MeetingError when times or expiry are impossible, and `conflict` on `externalId`
   * when the organizer has a meeting of that external id already.
   */
  async create(draft: MeetingDraft): Promise<Meeting> {
    const now = this.#clock.now()
    const meeting = compose(draft, now)
    for (let attempt = 0; attempt < idAttempts; attempt++) {
      Object.assign(meeting, newMeetingIds(attempt))
      if (this.#leader) meeting.leaderPasscode = newLeaderPasscode()
      if (await this.#store.insert(meeting)) return meeting
      if (
        meeting.externalId !== null &&
        (await this.#store.findByExternalId(meeting.tenantId, meeting.organizerId, meeting.externalId))
      )
        throw new MeetingError('conflict', 'externalId', 'is the external id of another meeting of this organizer')
    }
    throw new Error('no free meeting id was found')
  }

  /**
   * Change a meeting. `expectedRevision` makes it conditional: MeetingError `conflict` on `revision` when somebody was
   * faster. MeetingError `missing` when it is gone.
   */
  async update(
    id: string,
    patch: MeetingPatch | ((meeting: Meeting) => MeetingPatch),
    expectedRevision?: number,
  ): Promise<Meeting> {
    for (let attempt = 0; attempt < writeAttempts; attempt++) {
      const before = await this.#store.findById(id)
      if (before === undefined) throw new MeetingError('missing', 'revision', 'the meeting does not exist')
      if (expectedRevision !== undefined && before.revision !== expectedRevision)
        throw new MeetingError('conflict', 'revision', 'the meeting has changed since it was read')
      const changes = typeof patch === 'function' ? patch(before) : patch
      const at = this.#clock.now()
      const changed = applyPatch(before, changes, at)
      if (await this.#store.update(changed, at, this.#consequences({ before, after: changed, at })))
        return { ...changed, revision: before.revision + 1 }
    }
    throw new MeetingError('conflict', 'revision', 'the meeting is being changed by too many at once')
  }

  /** Delete for good. False when there was nothing to delete. */
  async delete(meeting: Meeting): Promise<boolean> {
    const at = this.#clock.now()
    return this.#store.delete(meeting, at, this.#consequences({ before: meeting, after: null, at }))
  }

  /** Delete a meeting that expired at `before` or earlier. False when it is gone, or lives on after all. */
  async purge(id: string, before: Instant): Promise<boolean> {
    const meeting = await this.#store.findById(id)
    if (meeting === undefined) return false
    const at = this.#clock.now()
    return this.#store.delete(meeting, at, this.#consequences({ before: meeting, after: null, at }), before)
  }

  /** Note that somebody used the link; renews a standing one. */
  async touch(meeting: Meeting): Promise<void> {
    const now = this.#clock.now()
    if (meeting.lastUsedAt !== null && addMillis(meeting.lastUsedAt, useResolution) > now) return
    const expiresAt =
      meeting.meetingType === 'recurring' && !meeting.expiresExplicit
        ? defaultExpiration('recurring', meeting.createdAt, meeting.endAt, now)
        : meeting.expiresAt
    // Losing a race here means that somebody else noted a use or changed the meeting; the next use will do.
    await this.#store.note({ ...meeting, lastUsedAt: now, expiresAt })
  }
}

function compose(draft: MeetingDraft, now: Instant): Meeting {
  const both = draft.startAt != null && draft.endAt != null
  const meetingType = draft.meetingType ?? (both ? 'scheduled' : 'meetNow')
  const startAt = draft.startAt ?? (meetingType === 'meetNow' ? now : null)
  const endAt = draft.endAt ?? null
  checkTimes(meetingType, startAt, endAt)
  const explicit = draft.expiresAt != null
  if (explicit) checkExpiration(draft.expiresAt!, now)
  return {
    ...newMeetingIds(),
    tenantId: draft.tenantId,
    organizerId: draft.organizerId,
    joinPasscode: draft.joinPasscode ?? null,
    leaderPasscode: null,
    externalId: draft.externalId ?? null,
    meetingType,
    subject: draft.subject ?? null,
    startAt,
    endAt,
    createdAt: now,
    cancelledAt: null,
    expiresAt: draft.expiresAt ?? defaultExpiration(meetingType, now, endAt),
    expiresExplicit: explicit,
    lastUsedAt: null,
    accessLevel: draft.accessLevel ?? 'everyone',
    entryExitAnnouncement: draft.entryExitAnnouncement ?? true,
    attendees: draft.attendees ?? [],
    options: draft.options ?? {},
    revision: 1,
  }
}

function applyPatch(before: Meeting, patch: MeetingPatch, now: Instant): Meeting {
  const { cancelled, expiresAt, ...rest } = patch
  const meeting: Meeting = { ...before, ...rest }
  // The refinement of an access level goes with it (lobby-scope.ts).
  if (patch.options === undefined && meeting.accessLevel !== before.accessLevel) {
    const { excludeGuests: _, ...options } = before.options
    meeting.options = options
  }
  checkTimes(meeting.meetingType, meeting.startAt, meeting.endAt)
  if (cancelled !== undefined) meeting.cancelledAt = cancelled ? (before.cancelledAt ?? now) : null
  if (expiresAt != null && expiresAt !== before.expiresAt) checkExpiration(expiresAt, now)
  if (expiresAt !== undefined) meeting.expiresExplicit = expiresAt !== null
  if (expiresAt != null) meeting.expiresAt = expiresAt
  else if (!meeting.expiresExplicit)
    meeting.expiresAt = defaultExpiration(meeting.meetingType, meeting.createdAt, meeting.endAt, meeting.lastUsedAt)
  return meeting
}
