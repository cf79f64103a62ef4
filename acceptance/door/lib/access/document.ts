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

In a meeting that is open to everyone. The old token is refused by the media server in every row. Cookies are cleared,
accounts signed out and numbers withheld in a moment, so after anybody was removed without return, everybody whom nobody
knows (guests, callers) waits for a person to decide, until an organizer unlocks the room or a day is over. An application is
kept out whole. Only somebody who was removed as a stranger, and then proves to be somebody in another browser, comes in.

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

${table(['meeting', 'role', ...sendings], sending)}
## What is decided of a person

A role given in the room, a removal and a change of policy hold for the person, in every tab and device, and after coming back
(\`persons.test.ts\`; the model is \`persons-model.test.ts\`). A person is who signed in, else the attendee of a personal link, else
the caller's number, else the browser. A role given holds for a day; attendee holds also for the browser and number it was given
in, whoever comes from there without proof; more than attendee holds for the surest of these only, and makes nobody known who
proved nothing. The organizer's own role cannot be taken.

Media tokens say what somebody may do when they are signed. The embedded media server is told of every change, also for people
who are not in the room, and gives whoever joins the rights of now. livekit-server cannot take a token back: there a token from the door lives 60 seconds, but
those the media server itself hands to clients that are connected live ten minutes. Who joins with one of more rights than they
have is corrected, and who was removed is sent out again, when the media server reports the joining (its webhook), or by the
next look, ten seconds later at most; until then they have the rights of their token.

## Who gives way

Tabs and devices of one person take one place. In a full meeting, whoever was let in and has not been in the media room for a
minute gives way to somebody new; else, of strangers on their way in, the last from the address (IPv6: /64) from where most
came, if those are two more than from the newcomer's. A browser waits once in a lobby: an older tab's wait ends. At most 300
strangers wait for one meeting; after that the last from where most came gives way by the same rule, or the newcomer is told to
try again (429 \`LobbyFull\`). Known people wait beside them. An application waits ten times (\`crowding.test.ts\`).

## Access tokens

Headless clients come with an access token instead of a page's session. It opens what its permissions name, as under \`/v1.0\`
(\`tokens.test.ts\`), whatever role its person has or is given later; with none of the first column it is refused, 403
\`PermissionMissing\`, and does not even come in as a guest.

| permission | of a person's token | of an application's |
| --- | --- | --- |
| OnlineMeetings.Read, …Read.All | is that person at the door; sees and hears; sends, admits and moderates nothing | the same, for its tenant |
| OnlineMeetings.ReadWrite, …ReadWrite.All | everything that person may do | presenter where colleagues are |
| Chat.Read, Chat.Read.All | reads the meeting's chat | the same |
| ChatMessage.Send | writes in it | |
| Chat.ReadWrite, Chat.ReadWrite.All | both | both |
| any other, such as User.Read | nothing | nothing |

With \`PARLEY_ACCESS_POLICY=strict\` an application comes to the meetings of those organizers only for whom an application
access policy lets it act.

## Guessing

Links and personal links hold 122 random bits and more; nobody guesses them, and nobody who comes by one waits. For numbers
and passcodes, strangers share one budget of wrong tries (\`guessing.test.ts\`). Each try takes one before it is looked at; a
right one gives it back. When none is left, tries wait, and turns go round the networks they come from (IPv4 /24, IPv6 /48)
and within a network round its addresses (IPv6 /64). Whoever is signed in, brings a token, or was in that meeting before in
the same browser has 20 wrong tries of their own, then one in 30 seconds, and waits with strangers only after that.

| | wrong tries | one right guess takes, on average, of the whole budget | somebody new and right waits at most |
| --- | --- | --- | --- |
| meeting number (12 digits), where it needs no passcode | 200, then 10 a second on the server | 116 days with 10,000 such meetings | a tenth of a second for each network that guesses; 30 s |
| passcode (8 of 32 characters) | 50, then 4 a second a meeting | 4,000 years | a quarter of a second for each network that guesses, and the wait above; 60 s |
| passcode by telephone (7 digits) | 60, then one in 3 s on the server | 8 hours with 1,000 meetings, 35 days with 10 | 3 s for each number that guesses; 24 s |

At most 300 tries wait on the server, 120 for a meeting and 8 on the telephone; of more, those are refused first of whom there
are most. So only somebody with tries from more than 300 networks at once keeps strangers out who come by number, and never
those who come by link, are signed in or were there before. A number that was let into a meeting before has nine wrong
passcodes of its own by telephone, then one in 67 seconds; the trunk says who calls, and a trunk that believes every caller
makes no difference to others than that.
`
}

/** The rows of the table of a page that has this head. */
export function cellsOf(text: string, head: readonly string[]): string[][] {
  const [, body = ''] = text.split(`| ${head.join(' | ')} |\n`)
  const rows = body.slice(0, body.indexOf('\n\n')).split('\n').slice(1)
  return rows.map((row) => row.slice(2, -2).split(' | '))
}

function table(head: readonly string[], rows: string[][]): string {
  return `${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}
