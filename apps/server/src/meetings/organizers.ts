import type { Directory } from '../identity/directory.ts'
import type { Meeting } from './meeting.ts'

export interface OrganizerView {
  organizer: { displayName: string; upn: string; mail: string | null }
  tenant: { dialinId: string; displayName: string }
}

/** What the answers and pages show of a meeting's organizer and tenant. */
export class Organizers {
  readonly #directory: Directory

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /** Throws when the organizer is gone: the database deletes their meetings with them, so that is a bug. */
  async of(meeting: Pick<Meeting, 'organizerId' | 'tenantId'>): Promise<OrganizerView> {
    const user = await this.#directory.users.find(meeting.tenantId, meeting.organizerId)
    const tenant = await this.#directory.tenants.find(meeting.tenantId)
    if (user === undefined || tenant === undefined) throw new Error('the organizer of a stored meeting is missing')
    return {
      organizer: { displayName: user.displayName, upn: user.upn, mail: user.mail },
      tenant: { dialinId: tenant.dialinId, displayName: tenant.displayName },
    }
  }
}
