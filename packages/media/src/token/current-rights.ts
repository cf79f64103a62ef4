import type { ParticipantPermission } from '@livekit/protocol'
import { type Grants, withPermission } from './grants.ts'
import { Recent } from './recent.ts'

/** What an UpdateParticipant changes: a permission that is undefined, a name or metadata that is empty stay as they are. */
export interface RightsChange {
  permission: ParticipantPermission | undefined
  name: string
  metadata: string
  /** An empty value deletes. */
  attributes: Record<string, string>
}

/** A value and the second in which it was set. */
interface Dated<T> {
  value: T
  at: number
}

interface Current {
  permission?: Dated<ParticipantPermission>
  name?: Dated<string>
  metadata?: Dated<string>
  attributes: Map<string, Dated<string>>
}

/**
 * What RoomService last said of people: it counts over what a token issued until then says, so that whoever comes back with an
 * old token has the rights of now. Somebody who is not in the room is remembered too. Times are seconds, as in tokens: of a token
 * of the same second nobody can tell whether it came first, and it counts as older.
 */
export class CurrentRights {
  readonly #people = new Recent<Current>()

  /** Notes a change made now; what is returned takes it back, unless another followed. */
  change(room: string, identity: string, { permission, name, metadata, attributes }: RightsChange, at: number): () => void {
    const before = this.#people.get(room, identity)
    const after: Current = { ...before, attributes: new Map(before?.attributes) }
    if (permission !== undefined) after.permission = { value: permission, at }
    if (name !== '') after.name = { value: name, at }
    if (metadata !== '') after.metadata = { value: metadata, at }
    for (const [key, value] of Object.entries(attributes)) after.attributes.set(key, { value, at })
    this.#people.set(room, identity, after)
    return () => {
      if (this.#people.get(room, identity) === after) this.#people.set(room, identity, before)
    }
  }

  /** The grants of a token as they are now. */
  apply(room: string, grants: Grants): Grants {
    const current = this.#people.get(room, grants.identity)
    if (current === undefined) return grants
    const isNews = (dated: Dated<unknown> | undefined): boolean => dated !== undefined && grants.notBefore <= dated.at
    const { permission, name, metadata } = current
    const now = isNews(permission) ? withPermission(grants, permission!.value) : { ...grants }
    if (isNews(name)) now.name = name!.value
    if (isNews(metadata)) now.metadata = metadata!.value
    now.attributes = { ...now.attributes }
    for (const [key, dated] of current.attributes) {
      if (!isNews(dated)) continue
      if (dated.value === '') delete now.attributes[key]
      else now.attributes[key] = dated.value
    }
    return now
  }
}
