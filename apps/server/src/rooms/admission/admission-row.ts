import type { Selectable } from 'kysely'
import type { AdmissionsTable } from '../../store/tables/admissions.ts'
import type { Admission, AdmissionState, Affiliation, Reason, Role, Way } from './admission.ts'
import type { TokenGrants } from './token-grants.ts'

export type AdmissionRow = Selectable<AdmissionsTable>

/** A stored row as the door sees it. */
export function toAdmission(row: AdmissionRow): Admission {
  return {
    id: row.id,
    meetingId: row.meeting_id,
    identity: row.identity,
    state: row.state as AdmissionState,
    reason: row.reason as Reason | null,
    name: row.name,
    lang: row.lang,
    way: row.way as Way,
    person: row.person,
    userId: row.user_id,
    tenantId: row.tenant_id,
    upn: row.upn,
    invitedAs: row.invited_as,
    phone: row.phone,
    device: row.device,
    affiliation: JSON.parse(row.standing) as Affiliation,
    role: row.role as Role,
    roleGiven: row.role_given === 1,
    askedAt: row.asked_at,
    admittedAt: row.admitted_at,
    endedAt: row.ended_at,
    decidedBy: row.decided_by,
    grants: row.grants === null ? null : (JSON.parse(row.grants) as TokenGrants),
    sender: row.sender,
  }
}

/** An admission as it is stored. */
export function toRow(admission: Admission, secretHash: string): AdmissionRow {
  return {
    id: admission.id,
    meeting_id: admission.meetingId,
    secret_hash: secretHash,
    identity: admission.identity,
    state: admission.state,
    reason: admission.reason,
    name: admission.name,
    lang: admission.lang,
    way: admission.way,
    person: admission.person,
    user_id: admission.userId,
    tenant_id: admission.tenantId,
    upn: admission.upn,
    invited_as: admission.invitedAs,
    phone: admission.phone,
    device: admission.device,
    standing: JSON.stringify(admission.affiliation),
    role: admission.role,
    role_given: admission.roleGiven ? 1 : 0,
    asked_at: admission.askedAt,
    admitted_at: admission.admittedAt,
    ended_at: admission.endedAt,
    decided_by: admission.decidedBy,
    grants: admission.grants === null ? null : JSON.stringify(admission.grants),
    sender: admission.sender,
    seen_at: admission.askedAt,
    node_id: null,
  }
}
