import type { Admission } from './admission.ts'

/** Somebody who is kept out, or kept from passing by the lobby. */
export interface Exclusion {
  kind: 'user' | 'invitation' | 'device' | 'phone' | 'guests'
  value: string
}

/** Everybody who proves nothing, as somebody kept from passing by the lobby. */
export const allGuests: Exclusion = { kind: 'guests', value: '' }

/** What keeps somebody out who may not return: everything that is surely theirs. */
export function exclusionsOf(admission: Pick<Admission, 'userId' | 'invitedAs' | 'phone' | 'device'>): Exclusion[] {
  return [
    ...(admission.userId === null ? [] : [{ kind: 'user' as const, value: admission.userId }]),
    ...(admission.invitedAs === null ? [] : [{ kind: 'invitation' as const, value: admission.invitedAs }]),
    ...(admission.phone ? [{ kind: 'phone' as const, value: admission.phone }] : []),
    ...(admission.device === null ? [] : [{ kind: 'device' as const, value: admission.device }]),
  ]
}
