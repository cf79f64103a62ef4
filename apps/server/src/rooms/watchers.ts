/** One open stream of events to somebody's page. */
export interface Watcher {
  admissionId: string
  meetingId: string
  /** The origin the page was opened by; media addresses follow it. */
  origin: string
  send(event: string, data: unknown): void
  /** End the stream. */
  end(): void
}

/** Who listens, in this process. */
export class Watchers {
  readonly #byMeeting = new Map<string, Set<Watcher>>()
  readonly #byAdmission = new Map<string, Set<Watcher>>()

  /** Returns the way to stop. */
  add(watcher: Watcher): () => void {
    put(this.#byMeeting, watcher.meetingId, watcher)
    put(this.#byAdmission, watcher.admissionId, watcher)
    return () => {
      take(this.#byMeeting, watcher.meetingId, watcher)
      take(this.#byAdmission, watcher.admissionId, watcher)
    }
  }

  ofMeeting(meetingId: string): Watcher[] {
    return [...(this.#byMeeting.get(meetingId) ?? [])]
  }

  ofAdmission(admissionId: string): Watcher[] {
    return [...(this.#byAdmission.get(admissionId) ?? [])]
  }

  admissions(): string[] {
    return [...this.#byAdmission.keys()]
  }

  endAll(): void {
    for (const watchers of [...this.#byMeeting.values()]) for (const watcher of [...watchers]) watcher.end()
  }
}

function put(map: Map<string, Set<Watcher>>, key: string, watcher: Watcher): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([watcher]))
  else set.add(watcher)
}

function take(map: Map<string, Set<Watcher>>, key: string, watcher: Watcher): void {
  const set = map.get(key)
  set?.delete(watcher)
  if (set?.size === 0) map.delete(key)
}
