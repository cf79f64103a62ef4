import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { MeetingLink, PageData } from '@parley/door-api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html, jsonForScript } from '../common/html.ts'
import { languageOf } from '../common/language.ts'
import type { Directory } from '../identity/directory.ts'
import type { Sessions } from '../identity/session.ts'
import { dialinUrl, threadGuidOf, threadId } from '../meetings/links.ts'
import { type Meeting, stateOf } from '../meetings/meeting.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import { meetingView, sipAddress, type ViewContext } from '../rooms/events/views.ts'
import { distFolder, readAssets } from './assets.ts'
import { dialinPage } from './dialin-page.ts'
import { type Dialin, meetingSummary } from './meeting-summary.ts'
import { type PageContent, type PageContext, sendPage } from './page.ts'
import { texts } from './texts.ts'

/** What the pages of meetings need of the server. */
export interface PagesContext extends ViewContext, PageContext {
  config: ViewContext['config'] & PageContext['config']
  directory: Directory
  meetingStore: MeetingStore
  sessions: Sessions
}

/** Where the application gets a token to try its way to the media server. */
const connectionTest = '/api/door/connection-test'

/** The pages people see: a meeting's, the form for a code, and the dial-in numbers. */
export async function pageRoutes(app: FastifyInstance, context: PagesContext): Promise<void> {
  const assets = readAssets()
  const staticFolder = fileURLToPath(new URL('./static', import.meta.url))
  await app.register(fastifyStatic, { root: staticFolder, prefix: '/static/', maxAge: '1h' })
  if (assets !== undefined)
    await app.register(fastifyStatic, {
      root: `${distFolder}/assets`,
      prefix: '/assets/',
      decorateReply: false,
      immutable: true,
      preCompressed: true,
      maxAge: '1y',
    })

  app.get<{ Params: { thread: string } }>('/l/meetup-join/:thread/:message', async (request, reply) => {
    const guid = threadGuidOf(request.params.thread)
    const meeting = guid === undefined ? undefined : await context.meetingStore.findByThread(guid)
    return meeting === undefined ? sendUnknown(request, reply) : sendMeeting(request, reply, meeting)
  })

  // The address the server prints when it is ready.
  app.get('/', async (_request, reply) => reply.redirect('/join'))

  app.get('/join', async (request, reply) => {
    const lang = languageOf(request)
    const data: PageData = {
      page: 'join',
      lang,
      link: null,
      meeting: null,
      user: null,
      signInUrl: '/signin?return=%2Fjoin',
      connectionTest,
    }
    return sendPage(reply, context, 200, { lang, title: texts[lang].meeting, app: assets, body: shell(lang, data) })
  })

  app.get<{ Params: { dialinId: string }; Querystring: { id?: string } }>('/dialin/:dialinId', async (request, reply) => {
    const lang = languageOf(request)
    const tenant = await context.directory.tenants.findByDialinId(request.params.dialinId)
    if (tenant === undefined) return sendUnknown(request, reply)
    const passcode = typeof request.query.id === 'string' && /^\d{4,14}$/.test(request.query.id) ? request.query.id : null
    const { dialin } = context.config
    const content = { lang, numbers: dialin, passcode, tenantName: tenant.displayName, sip: sipAddress(context.config) }
    return sendPage(reply, context, 200, dialinPage(content))
  })

  function shell(lang: PageContent['lang'], data: PageData, summary = html``) {
    return html`<div id="app">${summary}${assets === undefined && html`<p class="note">${texts[lang].notBuilt}</p>`}</div>
<script type="application/json" id="parley">${jsonForScript(data)}</script>`
  }

  async function sendMeeting(request: FastifyRequest, reply: FastifyReply, meeting: Meeting): Promise<FastifyReply> {
    const lang = languageOf(request)
    const { organizer, tenant } = await context.organizers.of(meeting)
    const state = stateOf(meeting, context.clock.now())
    const summary = meetingSummary({
      lang,
      meeting,
      state,
      organizer: organizer.displayName,
      dialin: dialinOf(meeting, tenant.dialinId),
    })
    const title = meeting.subject ?? texts[lang].meeting
    const closed = state === 'cancelled' || state === 'expired'
    if (closed) return sendPage(reply, context, 410, { lang, title, body: summary })
    const link = { threadId: threadId(meeting.threadGuid, 'thread.v2'), messageId: '0' }
    const data = await pageData(request, lang, link, meeting)
    return sendPage(reply, context, 200, { lang, title, app: assets, body: shell(lang, data, summary) })
  }

  async function pageData(
    request: FastifyRequest,
    lang: PageContent['lang'],
    link: MeetingLink,
    meeting: Meeting,
  ): Promise<PageData> {
    const user = await context.sessions.sessionOf(request)
    return {
      page: 'meeting',
      lang,
      link,
      meeting: await meetingView(context, meeting, user),
      user: user && { displayName: user.displayName, upn: user.upn },
      signInUrl: `/signin?return=${encodeURIComponent(request.url)}`,
      connectionTest,
    }
  }

  function dialinOf(meeting: Meeting, dialinId: string): Dialin | null {
    const { tollNumber, tollFreeNumber } = context.config.dialin
    if (meeting.participantPasscode === null || (tollNumber === null && tollFreeNumber === null)) return null
    const url = dialinUrl(context.config.publicUrl, dialinId, meeting.participantPasscode)
    return { tollNumber, tollFreeNumber, passcode: meeting.participantPasscode, url, sip: sipAddress(context.config) }
  }

  async function sendUnknown(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const lang = languageOf(request)
    const text = texts[lang]
    const body = html`<main class="card"><h1>${text.unknown}</h1><p>${text.unknownAbout}</p></main>`
    return sendPage(reply, context, 404, { lang, title: text.unknown, body })
  }
}
