import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { TrackSource, TrackType } from '@livekit/protocol'
import fc from 'fast-check'
import { decodeJwt, SignJWT } from 'jose'
import { mayPublish, readGrants } from './grants.ts'
import { Revocations } from './revocations.ts'
import { TokenError, Tokens } from './token.ts'

const secret = 'a secret of enough length for HS256!'
const tokens = new Tokens({ key: secret })
const sign = (claims: Record<string, unknown>, { issuer = 'key', by = secret, expires = '1h' } = {}) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(issuer)
    .setSubject('ana')
    .setNotBefore(new Date())
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(by))

test('a good token gives its grants', async () => {
  const grants = await tokens.verify(
    await sign({ video: { roomJoin: true, room: 'r', canPublishSources: ['microphone'] }, name: 'Ana' }),
  )
  assert.equal(grants.identity, 'ana')
  assert.equal(grants.room, 'r')
  assert.equal(grants.canSubscribe, true)
  assert.equal(mayPublish(grants, TrackSource.MICROPHONE, TrackType.AUDIO), true)
  assert.equal(mayPublish(grants, TrackSource.CAMERA, TrackType.VIDEO), false)
})

test('forged, expired, unknown and unsigned tokens are refused', async () => {
  const video = { roomJoin: true, room: 'r' }
  const good = await sign({ video })
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`
  const bad = [
    '',
    'rubbish',
    unsigned,
    `${good.slice(0, -3)}AAA`,
    await sign({ video }, { by: 'another secret of the same length!!!' }),
    await sign({ video }, { issuer: 'other' }),
    await sign({ video }, { expires: '-1h' }),
    'x'.repeat(20_000),
  ]
  for (const token of bad) await assert.rejects(tokens.verify(token), TokenError)
})

test('a refreshed token says the same', async () => {
  const grants = await tokens.verify(
    await sign({ video: { roomJoin: true, room: 'r', canPublish: false, canPublishSources: ['camera'] }, metadata: 'm' }),
  )
  const again = await tokens.verify(await tokens.refresh(grants))
  assert.deepEqual({ ...again, notBefore: 0, expiresAt: 0 }, { ...grants, notBefore: 0, expiresAt: 0 })
})

test('a webhook token vouches for the body', async () => {
  const claims = decodeJwt(await tokens.signBody('key', Buffer.from('body')))
  assert.equal(claims.sha256, createHash('sha256').update('body').digest('base64'))
})

test('any claims are read without throwing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('video', 'sub', 'name', 'attributes', 'kind', 'nbf', 'roomConfig'), fc.jsonValue()),
      (claims) => {
        const grants = readGrants('key', claims)
        assert.equal(typeof grants.identity, 'string')
        assert.equal(grants.roomAdmin, (claims.video as { roomAdmin?: unknown } | null)?.roomAdmin === true)
      },
    ),
  )
})

test('tokens issued up to the removal are revoked, later ones and others are not', () => {
  const revocations = new Revocations()
  revocations.revoke('r', 'ana', 100)
  assert.equal(revocations.isRevoked('r', 'ana', 100), true)
  assert.equal(revocations.isRevoked('r', 'ana', 0), true)
  assert.equal(revocations.isRevoked('r', 'ana', 101), false)
  assert.equal(revocations.isRevoked('r', 'ben', 50), false)
  assert.equal(revocations.isRevoked('s', 'ana', 50), false)
})
