import type { DoorEvents } from '@parley/door-api'

/** One open stream of events to somebody's page. */
export interface EventStream {
  admissionId: string
  meetingId: string
  /** The origin the page was opened by; media addresses follow it. */
  origin: string
  send<Name extends keyof DoorEvents>(event: Name, data: DoorEvents[Name]): void
  /** End the stream. */
  end(): void
}

/** Who listens, in this process. */
export class EventStreams {
  readonly #byMeeting = new Map<string, Set<EventStream>>()
  readonly #byAdmission = new Map<string, Set<EventStream>>()

  /** Returns the way to stop. */
  add(stream: EventStream): () => void {
    put(this.#byMeeting, stream.meetingId, stream)
    put(this.#byAdmission, stream.admissionId, stream)
    return () => {
      take(this.#byMeeting, stream.meetingId, stream)
      take(this.#byAdmission, stream.admissionId, stream)
    }
  }

  ofMeeting(meetingId: string): EventStream[] {
    return [...(this.#byMeeting.get(meetingId) ?? [])]
  }

  ofAdmission(admissionId: string): EventStream[] {
    return [...(this.#byAdmission.get(admissionId) ?? [])]
  }

  admissions(): string[] {
    return [...this.#byAdmission.keys()]
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
