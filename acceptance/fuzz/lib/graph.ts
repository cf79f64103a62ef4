import { appToken, type Server } from '../../lib/server.ts'
import type { Target } from './campaign.ts'
import { HttpFeeder, type Sent } from './http.ts'
import { mutateJson, mutateText } from './mutate.ts'
import type { Random } from './random.ts'

const methods = ['GET', 'GET', 'POST', 'PATCH', 'DELETE', 'PUT']

/** Graph: paths, query options, headers and bodies, with a right token and with wrong ones. */
export async function graphTarget({ url, dev }: Server): Promise<Target> {
  const token = await appToken(dev)
  const feeder = new HttpFeeder(url, 12)
  const [user] = dev.users
  const authorization = `Bearer ${token}`
  const made = await feeder.send({
    ...{ method: 'POST', path: `/v1.0/users/${user!.id}/onlineMeetings`, body: '{"subject":"Fuzz"}' },
    headers: { authorization, 'content-type': 'application/json' },
  })
  const meeting = JSON.parse(made!.text) as { id: string; joinWebUrl: string; chatInfo: { threadId: string } }
  // The two long documents are made at their first use.
  for (const path of ['/openapi.json', '/v1.0/$metadata', '/beta/$metadata'])
    await feeder.send({ method: 'GET', path, headers: { authorization } })
  const own = `/v1.0/users/${user!.id}/onlineMeetings`
  const quoted = encodeURIComponent(meeting.joinWebUrl.replaceAll("'", "''"))
  const paths = [
    ...[
      own,
      `${own}/${meeting.id}`,
      `${own}/${meeting.id}/attendanceReports`,
      `${own}/${meeting.id}/attendanceReports/x/attendanceRecords`,
    ],
    ...[
      `${own}/createOrGet`,
      `${own}/${meeting.id}/transcripts`,
      `${own}/${meeting.id}/recordings`,
      `${own}/${meeting.id}/getVirtualAppointmentJoinWebUrl`,
    ],
    ...[`${own}?$filter=JoinWebUrl%20eq%20'${quoted}'`, `${own}?$filter=joinMeetingIdSettings/joinMeetingId%20eq%20'123456789'`],
    ...[
      `${own}?$top=5&$select=id,subject&$orderby=startDateTime`,
      `${own}/${meeting.id}?$expand=attendanceReports($expand=attendanceRecords)`,
    ],
    ...[
      '/beta/app/onlineMeetings',
      `/beta/app/onlineMeetings/${meeting.id}`,
      '/v1.0/$batch',
      '/v1.0/$metadata',
      '/v1.0/subscriptions',
    ],
    ...[
      `/v1.0/subscriptions/${user!.id}`,
      `/v1.0/chats/${meeting.chatInfo.threadId}/messages`,
      `/v1.0/chats('${meeting.chatInfo.threadId}')/messages`,
    ],
    ...[
      '/v1.0/users',
      `/v1.0/users/${user!.upn}`,
      '/v1.0/me',
      '/v1.0/me/onlineMeetings',
      `/v1.0/users('${user!.id}')/onlineMeetings('${meeting.id}')`,
    ],
    ...[
      "/v1.0/communications/onlineMeetings/getAllTranscripts(meetingOrganizerUserId='a',startDateTime=2026-01-01T00:00:00Z)",
      '/openapi.json',
    ],
  ]
  const person = { identity: { user: { id: user!.id } }, upn: user!.upn }
  const bodies: unknown[] = [
    { subject: 'Fuzz', startDateTime: '2026-12-01T10:00:00Z', endDateTime: '2026-12-01T11:00:00Z' },
    { meetingType: 'meetNow', participants: { organizer: person, attendees: [person] }, accessLevel: 'everyone' },
    { externalId: 'x', startDateTime: '2026-12-01T10:00:00Z', endDateTime: '2026-12-01T11:00:00Z', subject: 's' },
    { lobbyBypassSettings: { scope: 'organization', isDialInBypassEnabled: true }, allowedPresenters: 'everyone' },
    {
      joinMeetingIdSettings: { isPasscodeRequired: true },
      participants: { attendees: [{ upn: 'a@b.example', role: 'presenter' }] },
    },
    {
      ...{ changeType: 'created,updated', notificationUrl: 'https://127.0.0.1:1/x', clientState: 'x' },
      ...{ resource: `${own}/${meeting.id}`, expirationDateTime: '2026-12-01T10:00:00Z' },
    },
    {
      body: { contentType: 'html', content: '<p>Hello <b>you</b> <at id="0">Ada</at></p>' },
      mentions: [{ id: 0, mentionText: 'Ada' }],
    },
    {
      requests: [
        { id: '1', method: 'GET', url: '/me', dependsOn: ['2'] },
        { id: '2', method: 'POST', url: own.slice(5), body: { subject: 'x' } },
      ],
    },
  ]
  const headers = (random: Random): Record<string, string> => {
    const chosen: Record<string, string> = {
      authorization: random.chance(20) ? mutateText(random, authorization, 6_000) : authorization,
    }
    const all = {
      prefer: 'include-unknown-enum-members, odata.maxpagesize=5, outlook.timezone="Europe/Madrid"',
      'accept-language': 'es-ES,es;q=0.9,en;q=0.8',
      accept: 'application/json;odata.metadata=minimal',
      'if-match': 'W/"1"',
      'client-request-id': '550fae72-d251-43ec-868c-373732c2704f',
      'parley-extensions': 'list, upn, ics, idempotency',
      'idempotency-key': 'x',
      cookie: 'parley_session=abc; parley_device=def',
      'x-forwarded-for': '127.0.0.1',
    }
    for (const [name, value] of Object.entries(all)) if (random.chance(6)) chosen[name] = mutateText(random, value, 2_000)
    return chosen
  }
  return {
    ...{ name: 'graph', lanes: 12 },
    feed: async (random) => {
      const method = random.pick(methods)
      const path = random.pick(paths)
      const sent: Sent = {
        ...{ method, headers: headers(random) },
        path: random.chance(3) ? path : mutateText(random, path, random.chance(50) ? 14_000 : 1_500),
      }
      if (method !== 'GET' && method !== 'DELETE') {
        const text = JSON.stringify(mutateJson(random, random.pick(bodies)))
        sent.headers['content-type'] = random.chance(20)
          ? mutateText(random, 'application/json; charset=utf-8', 200)
          : 'application/json'
        sent.body = random.chance(3) ? mutateText(random, text, 20_000) : text
      }
      await feeder.feed(sent)
    },
    isWell: () => feeder.isWell(),
  }
}
