// tier: full, 30 s, alone
// tier: release, 30 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccessToken } from 'livekit-server-sdk'
import { freshKeys, token } from './harness/keys.ts'
import { mediaSuite, modes, roomName } from './harness/suite.ts'

const suite = mediaSuite()

for (const { mode, single } of modes) {
  test(`joining tells who one is and shows the others, ${mode}`, async () => {
    const room = roomName()
    const ana = await suite.lab.person('ana')
    const about = { name: 'Ana María', metadata: '{"seat":1}', attributes: { hand: 'down' } }
    const joined = await ana.enter(room, { single }, {}, about)
    assert.equal(joined.identity, 'ana')
    assert.equal(joined.name, 'Ana María')
    assert.equal(joined.room, room)
    assert.match(joined.sid, /^PA_/)
    assert.match(joined.roomSid, /^RM_/)
    const [ben] = await suite.lab.join(room, ['ben'], { single })
    const seen = await ben!.sees('ana')
    assert.equal(seen.name, 'Ana María')
    assert.equal(seen.metadata, '{"seat":1}')
    assert.deepEqual(seen.attributes, { hand: 'down' })
    await ana.event('participantConnected', (event) => event.identity === 'ben')
    await ben!.call('leave')
    await ana.event('participantDisconnected', (event) => event.identity === 'ben')
    assert.equal((await ana.call('people')).length, 0)
  })

  test(`a token that may not publish publishes nothing, ${mode}`, async () => {
    const room = roomName()
    const mute = await suite.lab.person('mute')
    await mute.enter(room, { single }, { canPublish: false })
    await assert.rejects(mute.call('camera'), /permission/i)
    assert.equal((await mute.call('me')).canPublish, false)
  })

  test(`a token for the microphone alone publishes no camera, ${mode}`, async () => {
    const room = roomName()
    const [ben] = await suite.lab.join(room, ['ben'], { single })
    const ana = await suite.lab.person('ana')
    await ana.enter(room, { single }, { canPublishSources: [2] })
    await assert.rejects(ana.call('camera'), /permission/i)
    await ana.call('microphone')
    await ben!.hears((await ben!.track('ana', 'microphone')).sid)
    assert.equal((await ben!.sees('ana')).tracks.length, 1)
  })

  test(`a token that may not subscribe gets no media, ${mode}`, async () => {
    const room = roomName()
    const [ana, eva] = await suite.lab.join(room, ['ana', 'eva'], { single })
    const deaf = await suite.lab.person('deaf')
    await deaf.enter(room, { single }, { canSubscribe: false })
    await ana!.call('camera')
    await eva!.watches((await eva!.track('ana', 'camera')).sid)
    assert.equal(
      (await deaf.call('people')).flatMap((person) => person.tracks).some((track) => track.subscribed),
      false,
    )
  })

  test(`a token that may not send data is not heard, ${mode}`, async () => {
    const room = roomName()
    const [ben, ana] = await suite.lab.join(room, ['ben', 'ana'], { single })
    const quiet = await suite.lab.person('quiet')
    await quiet.enter(room, { single }, { canPublishData: false })
    await quiet.call('send', 'not allowed', true).catch(() => undefined)
    await ben!.sees('ana')
    await ana!.call('send', 'allowed', true)
    await ben!.event('dataReceived', (event) => event.identity === 'ana')
    assert.equal((await ben!.call('events')).filter((event) => event.type === 'dataReceived').length, 1)
  })

  test(`a hidden participant is not shown to the others, ${mode}`, async () => {
    const room = roomName()
    const [ana] = await suite.lab.join(room, ['ana'], { single })
    await ana!.call('camera')
    const hidden = await suite.lab.person('hidden')
    await hidden.enter(room, { single }, { hidden: true, canPublish: false })
    await hidden.watches((await hidden.track('ana', 'camera')).sid)
    assert.deepEqual(await ana!.call('people'), [])
  })

  test(`without auto subscribe a track comes when asked for and goes when not, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single, autoSubscribe: false })
    const sid = await ana!.call('camera')
    await ben!.sees('ana', ({ tracks }) => tracks.some((track) => track.sid === sid && !track.subscribed))
    await ben!.call('subscribe', sid, true)
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
    await ben!.call('subscribe', sid, false)
    await ben!.event('trackUnsubscribed', (event) => event.sid === sid)
    await ben!.call('subscribe', sid, true)
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
  })

  test(`a publisher decides who may subscribe, ${mode}`, async () => {
    const [ana, ben, eva] = await suite.lab.join(roomName(), ['ana', 'ben', 'eva'], { single })
    await ana!.call('allowSubscribers', ['ben'])
    await ana!.call('camera')
    await ben!.watches((await ben!.track('ana', 'camera')).sid)
    assert.equal(
      (await eva!.sees('ana')).tracks.some((track) => track.subscribed),
      false,
    )
    await ana!.call('allowSubscribers', null)
    await eva!.watches((await eva!.track('ana', 'camera')).sid)
  })

  test(`a bad token does not join, ${mode}`, async () => {
    const room = roomName()
    const forged = await token({ key: suite.server.keys.key, secret: freshKeys().secret }, 'eve', room)
    const unknownKey = await token(freshKeys(), 'eve', room)
    const eve = await suite.lab.person('eve')
    for (const bad of [forged, unknownKey, 'rubbish', '']) {
      await assert.rejects(eve.call('join', suite.server.url, bad, { single }))
    }
  })
}

/** What the server answers to GET /rtc/validate for a token. */
async function validate(access: string, path = '/rtc/validate') {
  const response = await fetch(`${suite.server.httpUrl}${path}?access_token=${encodeURIComponent(access)}`)
  await response.arrayBuffer()
  return response.status
}

test('validate answers 200 for a good token, and 400 on the v1 path without a join request', async () => {
  const good = await token(suite.server.keys, 'ana', roomName())
  assert.equal(await validate(good), 200)
  assert.equal(await validate(good, '/rtc/v1/validate'), 400)
})

test('validate refuses each bad token with 401', async () => {
  const room = roomName()
  const { keys } = suite.server
  const expired = await token(keys, 'ana', room, {}, { ttl: -600 })
  const forged = await token({ key: keys.key, secret: freshKeys().secret }, 'ana', room)
  const noGrant = await new AccessToken(keys.key, keys.secret, { identity: 'ana' }).toJwt()
  const notJoining = await token(keys, 'ana', room, { roomJoin: false })
  const [head, body] = (await token(keys, 'ana', room)).split('.')
  const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${body}.`
  const cases = { expired, forged, noGrant, notJoining, unsigned, cut: `${head}.${body}.`, rubbish: 'rubbish', empty: '' }
  const seen: Record<string, number> = {}
  for (const [name, bad] of Object.entries(cases)) seen[name] = await validate(bad)
  assert.deepEqual(seen, Object.fromEntries(Object.keys(cases).map((name) => [name, 401])))
})
