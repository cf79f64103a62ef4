import { columns } from './entering.ts'
import { actors } from './powers.ts'
import { sendings } from './sending.ts'

/** The rows of docs/access.md. */
export interface Found {
  entering: string[][]
  returning: string[][]
  powers: string[][]
  sending: string[][]
}

/** docs/access.md, whole. */
export function page({ entering, returning, powers, sending }: Found): string {
  return `# Who may enter, and who may do what

Written by \`acceptance/door/access.test.ts\`, which fails when this page says anything else (\`UPDATE_ACCESS=1\` writes it
anew). Nothing here is taken from the API's answer alone: who is "in" by the link takes part in the media room with
LiveKit's headless client and is seen there in that role by the organizer; by the code, the media server answers their
joining; who waits or is denied has no token, and the media server turns them away without one and with a forged one.
The row of the guest by link is played in Chromium too; the telephones are calls by SIPp. The rules themselves are in
\`apps/server/src/rooms/admission/rules.ts\` and \`policy.ts\`.

## Entering, by access level

\`accessLevel\` is today's \`lobbyBypassSettings.scope\` under its name of 2018: everyone = everyone, sameEnterprise =
organization, sameEnterpriseAndFederated = organizationAndFederated, invited = invited, locked = organizer.
People named among the attendees as coorganizer enter as organizers do. Who waits is let in by hand, or by itself once
the rules allow it.

${table(['who', 'way in', ...columns], entering)}
Not in the table, because it is the same in every cell: a cancelled, expired or deleted meeting lets nobody in
(\`closing.test.ts\`); a reload or a reconnect is the same admission as before, whatever the access level says by then.

## Coming back after being removed

In a meeting that is open to everyone. The old token is refused by the media server in every row. Of a guest nobody knows
who they are, so after one was removed without return all guests wait for a person to decide, until an organizer unlocks
the room or a day is over; an application is kept out whole.

${table(['who', 'removed, may return', 'removed without return: by link', 'by code', 'in another browser or device'], returning)}
## In the room, by role

Each is tried by each role with somebody who sends microphone, camera and share, and another who waits; "no" means that it
was refused and did not happen, "yes" that it did, as others in the media room see it. With \`allowedLobbyAdmitters\` at its
default; when it says organizerAndCoOrganizers, and in a meeting that is locked, presenters neither see nor open the lobby.

${table(['', ...actors], powers)}
Nobody but organizers does anything to an organizer (\`keep-out.test.ts\`).

## Sending, by role

Asked of the media server by LiveKit's signalling, whatever the page shows: whether it gives a track for each source;
whether a reaction reaches the others; whether the chat takes a message. Organizers send what coorganizers do.

${table(['meeting', 'role', ...sendings], sending)}`
}

function table(head: readonly string[], rows: string[][]): string {
  return `${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}
