import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  ClientInfo,
  ClientInfo_SDK,
  ConnectionSettings,
  JoinRequest,
  WrappedJoinRequest,
  WrappedJoinRequest_Compression,
} from '@livekit/protocol'
import fc from 'fast-check'
import { readGrants } from '../token/grants.ts'
import { ConnectError, readConnectRequest, tokenOf } from './connect-request.ts'

const grants = readGrants('key', { sub: 'ana', video: { roomJoin: true, room: 'r' } })
const wrap = (request: JoinRequest, compression = WrappedJoinRequest_Compression.GZIP) => {
  const bytes = Buffer.from(request.toBinary())
  const joinRequest = compression === WrappedJoinRequest_Compression.GZIP ? gzipSync(bytes) : bytes
  return Buffer.from(new WrappedJoinRequest({ compression, joinRequest }).toBinary()).toString('base64url')
}
const url = (query: string) => new URL(`http://media/rtc/v1?${query}`)

test('both forms of a connect request are understood', () => {
  const v0 = readConnectRequest(url('auto_subscribe=0&adaptive_stream=1&reconnect=1&sid=PA_x'), grants, false)
  assert.deepEqual([v0.room, v0.init.autoSubscribe, v0.init.reconnect], ['r', false, true])
  for (const compression of [WrappedJoinRequest_Compression.GZIP, WrappedJoinRequest_Compression.NONE]) {
    const request = new JoinRequest({ connectionSettings: new ConnectionSettings({ autoSubscribe: true }) })
    const v1 = readConnectRequest(url(`join_request=${wrap(request, compression)}`), grants, true)
    assert.equal(v1.init.singleConnection, true)
    assert.equal(v1.init.autoSubscribe, true)
  }
})

test("LiveKit's JavaScript client is told from others", () => {
  const of = (sdk: ClientInfo_SDK) => `join_request=${wrap(new JoinRequest({ clientInfo: new ClientInfo({ sdk }) }))}`
  assert.equal(readConnectRequest(url('sdk=js'), grants, false).isJavaScript, true)
  assert.equal(readConnectRequest(url('sdk=rust'), grants, false).isJavaScript, false)
  assert.equal(readConnectRequest(url(of(ClientInfo_SDK.JS)), grants, true).isJavaScript, true)
  assert.equal(readConnectRequest(url(of(ClientInfo_SDK.RUST)), grants, true).isJavaScript, false)
})

test('a compressed request that unfolds to megabytes is refused', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  const joinRequest = Buffer.from(
    new WrappedJoinRequest({ compression: WrappedJoinRequest_Compression.GZIP, joinRequest: bomb }).toBinary(),
  )
  assert.throws(() => readConnectRequest(url(`join_request=${joinRequest.toString('base64url')}`), grants, true), /too large/)
})

test('own attributes need the grant for them', () => {
  const request = new JoinRequest({ participantAttributes: { role: 'x' } })
  assert.throws(() => readConnectRequest(url(`join_request=${wrap(request)}`), grants, true), ConnectError)
  const allowed = { ...grants, canUpdateOwnMetadata: true }
  assert.equal(readConnectRequest(url(`join_request=${wrap(request)}`), allowed, true).init.grants.attributes.role, 'x')
})

test('whatever the query says, it is read or refused with a ConnectError', () => {
  const query = fc.dictionary(
    fc.constantFrom('join_request', 'attributes', 'auto_subscribe', 'sid', 'client_protocol'),
    fc.oneof(fc.string(), fc.base64String()),
  )
  fc.assert(
    fc.property(query, fc.boolean(), (parameters, isV1) => {
      try {
        readConnectRequest(url(new URLSearchParams(parameters).toString()), grants, isV1)
      } catch (error) {
        assert.ok(error instanceof ConnectError, String(error))
      }
    }),
    { numRuns: 500 },
  )
})

test('the token comes from the header, else from the query', () => {
  assert.equal(tokenOf(url('access_token=a'), undefined), 'a')
  assert.equal(tokenOf(url('access_token=a'), 'Bearer b'), 'b')
  assert.throws(() => tokenOf(url(''), 'Basic b'), ConnectError)
})
