import type { Context } from '../../config/context.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { File } from '../visit.ts'

/** Everything there is of a meeting: itself, who came, attendance, chat. */
export async function exportFile(context: Context, meeting: Meeting): Promise<File> {
  const content = JSON.stringify(await context.rooms.records.export(meeting), null, 2)
  return { type: 'application/json; charset=utf-8', name: `meeting-${meeting.vtcId}.json`, content }
}
