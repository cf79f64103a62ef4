import type { FastifyRequest } from 'fastify'
import { readCookie, writeCookie } from '../../common/cookies.ts'
import type { Config } from '../../config/config.ts'
import { originOf } from '../../http/origin.ts'
import type { User } from '../../identity/directory.ts'
import { deviceLifetime, rememberDevice } from '../../identity/known-device.ts'

/** The cookie that tells on which devices somebody has signed in before; it opens nothing. */
export function deviceCookieOf(request: FastifyRequest, config: Config): string | undefined {
  return readCookie(request.headers.cookie, cookieName(request, config))
}

/** The Set-Cookie header that makes this device known to somebody who has just shown their password. */
export function rememberingCookie(request: FastifyRequest, config: Config, user: User): string {
  const value = rememberDevice(deviceCookieOf(request, config), user)
  return writeCookie(cookieName(request, config), value, { secure: isSecure(request, config), maxAge: deviceLifetime })
}

const isSecure = (request: FastifyRequest, config: Config) => originOf(request, config).startsWith('https:')
const cookieName = (request: FastifyRequest, config: Config) =>
  isSecure(request, config) ? '__Host-parley-device' : 'parley-device'
