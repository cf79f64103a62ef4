import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { testDirectory } from '../../test/test-directory.ts'
import { decide } from '../config/config.ts'
import { isCsrfToken, type SessionRequest, Sessions, sessionLifetime } from './session.ts'

const config = decide({})

function request(cookie?: string): SessionRequest {
  const headers = { host: 'localhost:8080', ...(cookie === undefined ? {} : { cookie: cookie.split(';')[0] }) }
  return { raw: { headers, socket: { remoteAddress: '192.0.2.1' } } as unknown as IncomingMessage }
}

test('a session is whose it was started for, until it ends, expires or is revoked', async (t) => {
  const { db, clock, ada, directory } = await testDirectory(t)
  const sessions = new Sessions(db, clock, config)
  assert.equal(await sessions.sessionOf(request()), null)
  const cookie = await sessions.start(request(), ada)
  assert.match(cookie, /^parley-session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/)
  const user = await sessions.sessionOf(request(cookie))
  assert.deepEqual(user, {
    id: ada.id,
    tenantId: ada.tenantId,
    upn: 'ada@unit.example',
    displayName: 'Ada',
    isAdmin: false,
    isServerAdmin: false,
  })
  assert.equal(await sessions.sessionOf(request(`${cookie.slice(0, 20)}x`)), null)
  await directory.users.setEnabled(ada.id, false)
  assert.equal(await sessions.sessionOf(request(cookie)), null)
  await directory.users.setEnabled(ada.id, true)
  const second = await sessions.start(request(), ada)
  clock.move(sessionLifetime - 1)
  assert.notEqual(await sessions.sessionOf(request(second)), null)
  clock.move(2)
  assert.equal(await sessions.sessionOf(request(second)), null)
})

test('signing in again ends the session the browser had (no fixation); a new password ends all', async (t) => {
  const { db, clock, ada, directory } = await testDirectory(t)
  const sessions = new Sessions(db, clock, config)
  const first = await sessions.start(request(), ada)
  const second = await sessions.start(request(first), ada)
  assert.notEqual(first, second)
  assert.equal(await sessions.sessionOf(request(first)), null)
  await directory.users.setPassword(ada.id, 'another one')
  assert.equal(await sessions.sessionOf(request(second)), null)
})

test('a form token is good for its own session alone', async (t) => {
  const { db, clock, ada } = await testDirectory(t)
  const sessions = new Sessions(db, clock, config)
  const one = (await sessions.find(request(await sessions.start(request(), ada))))!
  const two = (await sessions.find(request(await sessions.start(request(), ada))))!
  assert.equal(isCsrfToken(one, one.csrf), true)
  for (const sent of [two.csrf, '', null, undefined, `${one.csrf}x`]) assert.equal(isCsrfToken(one, sent), false)
})
