import type { MeetingLink } from './admission.ts'
import type { Meeting } from './meeting.ts'

/** What the server writes into the page for the application (`<script type="application/json" id="parley">`). */
export interface PageData {
  page: 'meeting' | 'join'
  lang: 'es' | 'en'
  link: MeetingLink | null
  meeting: Meeting | null
  user: { displayName: string; upn: string } | null
  signInUrl: string | null
  /** Address that gives a token for an empty room, to try the way of media before joining; null where there is none. */
  connectionTest: string | null
}
