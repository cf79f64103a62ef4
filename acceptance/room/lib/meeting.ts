import { Graph } from '../../lib/graph.ts'
import type { Server } from '../../lib/server.ts'

/** Create a meeting of the demo's first person by the API and give its link. */
export async function newMeeting(
  server: Server,
  members: Record<string, unknown> = {},
): Promise<{ link: string; created: Record<string, unknown>; graph: Graph }> {
  const graph = await Graph.of(server)
  const now = Date.now()
  const created = await graph.create({
    subject: 'Weekly planning',
    startDateTime: new Date(now - 600_000).toISOString(),
    endDateTime: new Date(now + 3_000_000).toISOString(),
    accessLevel: 'everyone',
    entryExitAnnouncement: true,
    ...members,
  })
  return { link: String(created.joinUrl ?? created.joinWebUrl), created, graph }
}
