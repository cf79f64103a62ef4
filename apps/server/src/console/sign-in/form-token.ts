import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readCookie, writeCookie } from '../../common/cookies.ts'
import type { Config } from '../../config/config.ts'
import { originOf } from '../../http/origin.ts'
import { isCrossSite } from '../form.ts'

const lifetime = 86_400

/** The token for forms of people who are not signed in yet; sets the cookie it follows from when there is none. */
export function formToken(request: FastifyRequest, reply: FastifyReply, config: Config): string {
  const name = cookieName(request, config)
  const known = readCookie(request.headers.cookie, name)
  const value = known !== undefined && /^[\w-]{43}$/.test(known) ? known : randomBytes(32).toString('base64url')
  if (value !== known)
    reply.header('Set-Cookie', writeCookie(name, value, { secure: isSecure(request, config), maxAge: lifetime }))
  return tokenOf(value)
}

/** Whether a form was made for this browser, by a page of ours. */
export function isFormToken(request: FastifyRequest, config: Config, sent: string | null): boolean {
  const value = readCookie(request.headers.cookie, cookieName(request, config))
  if (value === undefined || sent === null || isCrossSite(request)) return false
  const [expected, actual] = [Buffer.from(tokenOf(value)), Buffer.from(sent)]
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

const isSecure = (request: FastifyRequest, config: Config) => originOf(request, config).startsWith('https:')
const cookieName = (request: FastifyRequest, config: Config) => (isSecure(request, config) ? '__Host-parley-form' : 'parley-form')
const tokenOf = (value: string) => createHmac('sha256', value).update('parley form').digest('base64url')
