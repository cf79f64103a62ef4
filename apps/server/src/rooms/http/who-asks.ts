import { createHash, randomBytes } from 'node:crypto'
import { cleanName } from '@parley/door-api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readCookie, writeCookie } from '../../common/cookies.ts'
import { originOf } from '../../http/origin.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { Way } from '../admission/admission.ts'
import { DoorError } from '../admission/door-error.ts'
import type { Proof } from '../admission/policy.ts'
import { type Body, invalid, optionalText } from './read.ts'
import type { RoomsContext } from './rooms-context.ts'
import { askerOfToken } from './token-asker.ts'

/** Who asks, and how they proved it. `name` is the directory's where there is one. */
export interface Asker {
  proof: Proof
  name: string
  /** Undefined: the way of the link or code. */
  way: Way | undefined
  /** The application, by its client id; all of its participants are kept out together. */
  appId?: string
}

const longestSentName = 2_000

/**
 * A Parley-issued or trusted access token, else the browser's sign-in, else a personal link, else a guest with a name.
 * Throws DoorError.
 */
export async function whoAsks(request: FastifyRequest, body: Body, meeting: Meeting, context: RoomsContext): Promise<Asker> {
  const token = bearerOf(request)
  if (token !== undefined) return byToken(token, body, meeting, context)
  const user = await context.sessions.sessionOf(request)
  if (user !== null) {
    if (request.headers['x-parley-csrf'] === undefined) throw new DoorError('CsrfHeaderMissing')
    return {
      proof: proof({ user: { id: user.id, tenantId: user.tenantId, upn: user.upn } }),
      name: shown(user.displayName),
      way: undefined,
    }
  }
  const invitation = optionalText(body, 'invitation', 2_000)
  if (invitation === undefined) return { proof: proof({}), name: nameIn(body), way: undefined }
  const invitedAs = context.rooms.invitations.addressOf(meeting, invitation)
  // People of the directory prove themselves by signing in; a link that was passed on must not speak for them.
  if (invitedAs === undefined || (await context.directory.users.findByUpn(invitedAs)) !== undefined)
    throw new DoorError('InvitationWrong', { target: 'invitation' })
  return { proof: proof({ invitedAs }), name: nameIn(body), way: 'invitation' }
}

async function byToken(token: string, body: Body, meeting: Meeting, context: RoomsContext): Promise<Asker> {
  const asker = await askerOfToken(token, meeting, context)
  const { grants } = asker
  if (asker.kind === 'user') return { proof: proof({ user: asker.user, grants }), name: shown(asker.displayName), way: 'token' }
  const { tenantId, appId, displayName } = asker
  const name = (body.name === undefined ? displayName : undefined) ?? nameIn(body)
  return { proof: proof({ application: { tenantId }, grants }), name, way: 'token', appId }
}

/** The access token of a request. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

function proof(known: Partial<Proof>): Proof {
  return { user: null, application: null, invitedAs: null, phone: null, ...known }
}

function nameIn(body: Body): string {
  const sent = optionalText(body, 'name', Number.POSITIVE_INFINITY) ?? ''
  const name = sent.length > longestSentName ? undefined : cleanName(sent)
  if (name === undefined) throw invalid('name', 'must be a name of 1 to 100 visible characters')
  return name
}

/** A name of the directory, which nobody checked for what others see. */
function shown(name: string): string {
  return cleanName(name) ?? '?'
}

const deviceForm = /^[A-Za-z0-9_-]{22}$/
const year = 365 * 86_400

/** What `deviceOf` is to a browser, for an application: its participants share nothing else that is surely theirs. */
export function deviceOfApplication(appId: string): string {
  return createHash('sha256').update(`application ${appId}`).digest('base64url')
}

/** A hash that names the browser over its admissions; gives it a cookie when it has none. */
export function deviceOf(request: FastifyRequest, reply: FastifyReply, context: RoomsContext): string {
  const known = cookieOf(request, context)
  const id = known ?? randomBytes(16).toString('base64url')
  const secure = isSecure(request, context)
  if (known === undefined) reply.header('Set-Cookie', writeCookie(cookieName(secure), id, { secure, maxAge: year }))
  return hashOfDevice(id)
}

/** The same for a browser that has been here; undefined for another. */
export function knownDeviceOf(request: FastifyRequest, context: RoomsContext): string | undefined {
  const id = cookieOf(request, context)
  return id === undefined ? undefined : hashOfDevice(id)
}

function cookieOf(request: FastifyRequest, context: RoomsContext): string | undefined {
  const known = readCookie(request.headers.cookie, cookieName(isSecure(request, context)))
  return known !== undefined && deviceForm.test(known) ? known : undefined
}

const isSecure = (request: FastifyRequest, { config }: RoomsContext) => originOf(request, config).startsWith('https:')
const cookieName = (secure: boolean) => (secure ? '__Host-parley-browser' : 'parley-browser')
const hashOfDevice = (id: string) => createHash('sha256').update(id).digest('base64url')
