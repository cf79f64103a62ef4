import assert from 'node:assert/strict'
import { parley } from '../../lib/cli.ts'
import { Graph } from '../../lib/graph.ts'
import { appToken } from '../../lib/server.ts'
import type { House } from './house.ts'

export interface Report {
  id: string
  totalParticipantCount: number
  meetingStartDateTime: string
  meetingEndDateTime: string | null
}

export interface AttendanceRecord {
  id: string
  role: string
  emailAddress: string | null
  totalAttendanceInSeconds: number
  identity: { id: string | null; displayName: string | null }
  attendanceIntervals: { joinDateTime: string; leaveDateTime: string; durationInSeconds: number }[]
}

/** Reads a meeting's attendance by Graph, with an application that may. */
export class AttendanceReader {
  readonly #graph: Graph
  readonly #path: string

  private constructor(graph: Graph, path: string) {
    this.#graph = graph
    this.#path = path
  }

  static async of(house: House, meeting: { joinUrl: string }): Promise<AttendanceReader> {
    const { server } = house
    const roles = ['OnlineMeetings.Read.All', 'OnlineMeetingArtifact.Read.All'].flatMap((role) => ['--role', role])
    const made = await parley(server, 'app', 'create', '--name', 'attendance', ...roles, '--json')
    assert.equal(made.code, 0, made.stderr)
    const { clientId } = JSON.parse(made.stdout) as { clientId: string }
    const { secret } = JSON.parse((await parley(server, 'app', 'add-secret', clientId, '--json')).stdout) as { secret: string }
    const graph = new Graph(server, await appToken({ ...server.dev, clientId, clientSecret: secret }))
    const meetings = `/v1.0/users/${server.dev.users[0]!.id}/onlineMeetings`
    const filter = encodeURIComponent(`JoinWebUrl eq '${meeting.joinUrl}'`)
    const found = await graph.send('GET', `${meetings}?$filter=${filter}`)
    const id = (found.body.value as { id: string }[] | undefined)?.[0]?.id
    assert.ok(id, found.text)
    return new AttendanceReader(graph, `${meetings}/${encodeURIComponent(id)}/attendanceReports`)
  }

  async reports(): Promise<Report[]> {
    const list = await this.#graph.send('GET', this.#path)
    assert.equal(list.status, 200, list.text)
    return list.body.value as Report[]
  }

  async records(reportId: string): Promise<AttendanceRecord[]> {
    const { body, text } = await this.#graph.send('GET', `${this.#path}/${reportId}?$expand=attendanceRecords`)
    assert.ok(Array.isArray(body.attendanceRecords), text)
    return body.attendanceRecords as AttendanceRecord[]
  }
}
