import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Admitted, ChatAccess } from '../src/chat/chat-access.ts'
import type { Clock } from '../src/common/clock.ts'
import { type Instant, instantFromMillis } from '../src/common/instant.ts'
import { decide } from '../src/config/config.ts'
import { type Context, closeContext, openContext } from '../src/context.ts'
import type { Meeting, MeetingOptions } from '../src/meetings/meeting.ts'

/** A clock that stands still until it is moved. */
class TestClock implements Clock {
  #millis = Date.UTC(2026, 10, 23, 10)
  millis = () => this.#millis
  now = () => instantFromMillis(this.#millis)
  move(millis: number): void {
    this.#millis += millis
  }
}

/** ChatAccess by a table: `Authorization: Admission <name>.x`. */
export class TestChatAccess implements ChatAccess {
  readonly people = new Map<string, Admitted>()

  admit(meeting: Meeting, name: string, more: Partial<Admitted> = {}): Record<string, string> {
    this.people.set(name, {
      ...{
        meetingId: meeting.id,
        identity: `id-${name}`,
        name,
        role: 'attendee',
        userId: null,
        canChat: true,
        opens: { reading: true, writing: true },
      },
      ...{ admittedAt: meeting.createdAt, ...more },
    })
    return { authorization: `Admission ${name}.x` }
  }

  async authenticate(id: string): Promise<Admitted | null> {
    return this.people.get(id) ?? null
  }

  async firstAdmitted(meetingId: string, userId: string): Promise<Instant | null> {
    const found = [...this.people.values()].find((each) => each.meetingId === meetingId && each.userId === userId)
    return found?.admittedAt ?? null
  }

  readonly keptOut = new Set<string>()
  async isKeptOut(_meetingId: string, userId: string): Promise<boolean> {
    return this.keptOut.has(userId)
  }
}

export interface Bench {
  context: Context
  clock: TestClock
  admissions: TestChatAccess
  folder: string
  tenantId: string
  organizerId: string
  meeting(options?: MeetingOptions): Promise<Meeting>
}

/** Everything but the listening, in a folder of its own that goes with the test. */
export async function openBench(t: TestContext, env: Record<string, string> = {}): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-unit-'))
  const clock = new TestClock()
  const context = await openContext(decide({ PARLEY_DATA: folder, PARLEY_LOG_LEVEL: 'silent', ...env }), clock)
  t.after(async () => {
    await context.rooms.close()
    await closeContext(context)
    rmSync(folder, { recursive: true, force: true })
  })
  const admissions = new TestChatAccess()
  context.chatAccess = admissions
  const tenant = await context.directory.tenants.create({ domain: 'unit.example', displayName: 'Unit' })
  const organizer = await context.directory.users.create({ tenantId: tenant.id, upn: 'ada@unit.example', displayName: 'Ada' })
  return {
    ...{ context, clock, admissions, folder, tenantId: tenant.id, organizerId: organizer.id },
    meeting: (options = {}) =>
      context.meetings.create({ tenantId: tenant.id, organizerId: organizer.id, meetingType: 'recurring', options }),
  }
}
