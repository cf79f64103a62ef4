import type { Meeting } from '../../meetings/meeting.ts'
import type { ConsoleContext } from '../console-context.ts'
import type { File } from '../page-request.ts'

/** Everything there is of a meeting: itself, who came, attendance, chat. */
export async function exportFile(context: ConsoleContext, meeting: Meeting): Promise<File> {
  const content = JSON.stringify(await context.rooms.records.export(meeting), null, 2)
  return { type: 'application/json; charset=utf-8', name: `meeting-${meeting.vtcId}.json`, content }
}
