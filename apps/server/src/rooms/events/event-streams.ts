import type { DoorEvents } from '@parley/door-api'

/** One open stream of events to somebody's page. */
export interface EventStream {
  admissionId: string
  meetingId: string
  /** The origin the page was opened by; media addresses follow it. */
  origin: string
  /** `id` is the number of the meeting's event it tells of, for `Last-Event-ID`. */
  send<Name extends keyof DoorEvents>(event: Name, data: DoorEvents[Name], id?: number): void
  /** End the stream. */
  end(): void
}

/** Streams of one admission at once: a tab, its duplicate, and what a lost connection leaves behind. The oldest ends first. */
const mostOfAdmission = 4

/** Who listens, in this process. */
export class EventStreams {
  readonly #byMeeting = new Map<string, Set<EventStream>>()
  readonly #byAdmission = new Map<string, Set<EventStream>>()
  readonly #attending = new Set<string>()

  /** Returns the way to stop. */
  add(stream: EventStream): () => void {
    const own = this.#byAdmission.get(stream.admissionId)
    if (own !== undefined && own.size >= mostOfAdmission) this.#endOldest(own)
    put(this.#byMeeting, stream.meetingId, stream)
    put(this.#byAdmission, stream.admissionId, stream)
    return () => this.#remove(stream)
  }

  ofMeeting(meetingId: string): EventStream[] {
    return [...(this.#byMeeting.get(meetingId) ?? [])]
  }

  ofAdmission(admissionId: string): EventStream[] {
    return [...(this.#byAdmission.get(admissionId) ?? [])]
  }

  /** Count somebody as there who has no page: a telephone. Returns the way to stop. */
  attend(admissionId: string): () => void {
    this.#attending.add(admissionId)
    return () => this.#attending.delete(admissionId)
  }

  /** Everybody who is there. */
  admissions(): string[] {
    return [...this.#byAdmission.keys(), ...this.#attending]
  }

  #endOldest(own: Set<EventStream>): void {
    const oldest = own.values().next().value!
    this.#remove(oldest)
    oldest.end()
  }

  #remove(stream: EventStream): void {
    take(this.#byMeeting, stream.meetingId, stream)
    take(this.#byAdmission, stream.admissionId, stream)
  }

  endAll(): void {
    for (const streams of [...this.#byMeeting.values()]) for (const stream of [...streams]) stream.end()
  }
}

function put(map: Map<string, Set<EventStream>>, key: string, stream: EventStream): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([stream]))
  else set.add(stream)
}

function take(map: Map<string, Set<EventStream>>, key: string, stream: EventStream): void {
  const set = map.get(key)
  set?.delete(stream)
  if (set?.size === 0) map.delete(key)
}
