import type { Command } from 'commander'
import { type Instant, parseInstant } from '../common/instant.ts'
import type { BaseContext } from '../context.ts'
import { toShape2018 } from '../graph/app-2018/shape.ts'
import { accessLevels, type Meeting, type MeetingType, meetingTypes } from '../meetings/meeting.ts'
import { note, userOf, withContext } from './open.ts'
import { NotFoundError, print, UsageError } from './output.ts'
import { options } from './program.ts'

interface CreateOptions {
  organizer: string
  subject?: string
  type?: string
  start?: string
  end?: string
  access?: string
}

/** `parley meeting create|show|cancel|delete`. */
export function meetingCommands(program: Command): void {
  const meeting = program.command('meeting').description('meetings')
  meeting
    .command('create')
    .requiredOption('--organizer <user>', 'upn or object id of the organizer')
    .option('--subject <text>')
    .option('--type <type>', meetingTypes.join(', '))
    .option('--start <time>', 'RFC 3339, e.g. 2026-12-01T10:00:00+01:00')
    .option('--end <time>')
    .option('--access <level>', accessLevels.join(', '))
    .action(async (given: CreateOptions, command: Command) =>
      withContext(options(command), async (context) => {
        const organizer = await userOf(context, given.organizer)
        const created = await context.meetings.create({
          tenantId: organizer.tenantId,
          organizerId: organizer.id,
          subject: given.subject ?? null,
          meetingType: oneOf(meetingTypes, 'type', given.type) as MeetingType | undefined,
          accessLevel: oneOf(accessLevels, 'access', given.access),
          startAt: time('start', given.start),
          endAt: time('end', given.end),
        })
        await note(context, created.tenantId, 'meeting.create', targetOf(created))
        await show(context, created, command)
      }),
    )
  meeting
    .command('show <id>')
    .description('a meeting by its nine-digit id or its meeting code')
    .action(async (id: string, _given, command: Command) =>
      withContext(options(command), async (context) => show(context, await meetingOf(context, id), command)),
    )
  meeting.command('cancel <id>').action(async (id: string, _given, command: Command) =>
    withContext(options(command), async (context) => {
      const { id: key } = await meetingOf(context, id)
      const cancelled = await context.meetings.update(key, { cancelled: true })
      await note(context, cancelled.tenantId, 'meeting.cancel', targetOf(cancelled))
      await show(context, cancelled, command)
    }),
  )
  meeting.command('delete <id>').action(async (id: string, _given, command: Command) =>
    withContext(options(command), async (context) => {
      const found = await meetingOf(context, id)
      await context.meetings.delete(found)
      await note(context, found.tenantId, 'meeting.delete', targetOf(found))
      print({ deleted: found.vtcId }, options(command).json === true)
    }),
  )
}

const targetOf = (meeting: Meeting) => ({ id: meeting.vtcId, name: meeting.subject ?? '' })

async function meetingOf(context: BaseContext, id: string): Promise<Meeting> {
  const found =
    (await context.meetingStore.findByVtcId(id)) ?? (await context.meetingStore.findByJoinCode(id.replaceAll(' ', '')))
  if (found === undefined) throw new NotFoundError('meeting', id)
  return found
}

async function show(context: BaseContext, meeting: Meeting, command: Command): Promise<void> {
  const shape = await toShape2018(meeting, context)
  print({ ...shape, joinCode: meeting.joinCode }, options(command).json === true)
}

function time(member: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined
  const instant = parseInstant(text)
  if (instant === undefined) throw new UsageError(`--${member} must be a date and time as in RFC 3339`)
  return instant
}

function oneOf<const T extends readonly string[]>(values: T, option: string, text: string | undefined): T[number] | undefined {
  const found = values.find((value) => value.toLowerCase() === text?.toLowerCase())
  if (text !== undefined && found === undefined) throw new UsageError(`--${option} must be one of ${values.join(', ')}`)
  return found
}
