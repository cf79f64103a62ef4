import type { Generated } from 'kysely'
import type { Instant } from '../../common/instant.ts'

export interface AdmissionsTable {
  id: string
  meeting_id: string
  /** SHA-256 of the secret its holder sends, base64url. */
  secret_hash: string
  /** The LiveKit identity; of this admission alone. */
  identity: string
  /** waiting, admitted, denied, left, expired, removed. */
  state: string
  reason: string | null
  name: string
  lang: string
  /** link, code, invitation, token, phone. */
  way: string
  /** What several devices of one human share: attendance merges by it. */
  person: string
  user_id: string | null
  tenant_id: string | null
  upn: string | null
  /** The address a personal invitation was made for. */
  invited_as: string | null
  /** The caller's number, or empty text when it is withheld; null for everybody else. */
  phone: string | null
  /** SHA-256 of the browser's own cookie, base64url. */
  device: string | null
  /** What they belong to, as the rules saw it at the time of asking (JSON). */
  standing: string
  role: string
  /** 1 when somebody in the room gave the role, so that the meeting's own settings do not change it. */
  role_given: number
  asked_at: Instant
  admitted_at: Instant | null
  ended_at: Instant | null
  /** Name of who let in, turned away or removed. */
  decided_by: string | null
  /** The process that looks after them: it took their call, holds their stream or heard them last. */
  node_id: string | null
  /** What the access token they came with opens (JSON); null for who came by a page of ours. */
  grants: string | null
  /** Whence they asked: a keyed hash of the address, or of its /64; null where that tells nothing. */
  sender: string | null
  /** Last sign of life: a stream, a request, or presence in the media room. */
  seen_at: Instant
}

/** People who were removed and may not return. */
export interface ExclusionsTable {
  meeting_id: string
  /** user, invitation, device or phone. */
  kind: string
  value: string
  created_at: Instant
}

/** A role that somebody in the room gave a person, for all their ways in. */
export interface GivenRolesTable {
  meeting_id: string
  /** What recognises the person: `user:`, `invitation:`, `phone:` or `device:` and the value. */
  person: string
  role: string
  given_at: Instant
}

/** What a room remembers beside the meeting's own settings. */
export interface RoomStatesTable {
  meeting_id: string
  /** 1 locked, 0 unlocked although the access level says locked, null as the access level says. */
  locked: number | null
  /** The number of the meeting's last event; taken first by every unit that writes one. */
  seq: Generated<number>
}
