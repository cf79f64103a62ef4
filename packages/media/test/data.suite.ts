// tier: release, 25 s, alone
// tier: release, 25 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaSuite, modes, roomName } from './harness/suite.ts'
import { until } from './harness/until.ts'

const suite = mediaSuite()
const long = 'áé€'.repeat(40_000)

for (const { mode, single } of modes) {
  test(`reliable data reaches everybody else in order, ${mode}`, async () => {
    const [ana, ben, eva] = await suite.lab.join(roomName(), ['ana', 'ben', 'eva'], { single })
    for (let n = 0; n < 100; n++) await ana!.call('send', `message ${n}`, true, 'order')
    for (const person of [ben!, eva!]) {
      await person.event('dataReceived', (event) => (event.value as unknown[])[0] === 'message 99')
      const events = (await person.call('events')).filter((event) => event.type === 'dataReceived')
      assert.deepEqual(
        events.map((event) => (event.value as unknown[])[0]),
        Array.from({ length: 100 }, (_, n) => `message ${n}`),
      )
      assert.equal(events[0]!.identity, 'ana')
      assert.ok((events[0]!.value as unknown[]).includes('order'), 'with its topic')
    }
    assert.equal(
      (await ana!.call('events')).some((event) => event.type === 'dataReceived'),
      false,
      'not back to the sender',
    )
  })

  test(`lossy data arrives on a good network, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    for (let n = 0; n < 10; n++) await ana!.call('send', `pointer ${n}`, false)
    await ben!.event('dataReceived', (event) => String((event.value as unknown[])[0]).startsWith('pointer'))
  })

  test(`data for one person reaches that person alone, ${mode}`, async () => {
    const [ana, ben, eva] = await suite.lab.join(roomName(), ['ana', 'ben', 'eva'], { single })
    await ana!.call('send', 'secret', true, 'whisper', ['ben'])
    await ana!.call('send', 'for all', true)
    const said = (event: { value?: unknown }) => [event.value].flat()[0]
    await ben!.event('dataReceived', (event) => said(event) === 'for all')
    await eva!.event('dataReceived', (event) => said(event) === 'for all')
    const heard = async (person: typeof ana) =>
      (await person!.call('events')).filter((event) => event.type === 'dataReceived').map(said)
    assert.deepEqual(await heard(ben), ['secret', 'for all'])
    assert.deepEqual(await heard(eva), ['for all'])
  })

  test(`text streams arrive whole, short and long, ${mode}`, async () => {
    const [ana, ben, eva] = await suite.lab.join(roomName(), ['ana', 'ben', 'eva'], { single })
    await ana!.call('sendText', 'hello', 'chat')
    await ana!.call('sendText', long, 'chat')
    for (const person of [ben!, eva!]) {
      await person.event('text', (event) => event.value === 'hello' && event.identity === 'ana')
      await person.event('text', (event) => event.value === long)
    }
    await ana!.call('sendText', 'only ben', 'chat', ['ben'])
    await ben!.event('text', (event) => event.value === 'only ben')
    assert.equal(
      (await eva!.call('events')).some((event) => event.value === 'only ben'),
      false,
    )
  })

  test(`RPC answers, and says when it cannot, ${mode}`, async () => {
    const [ana, ben] = await suite.lab.join(roomName(), ['ana', 'ben'], { single })
    await ben!.call('answerRpc', 'shout')
    await ana!.sees('ben')
    assert.equal(await ana!.call('rpc', 'ben', 'shout', 'hi'), 'ana:HI')
    assert.equal(await ana!.call('rpc', 'ben', 'shout', 'x'.repeat(14_000)), `ana:${'X'.repeat(14_000)}`)
    assert.match(await ana!.call('rpc', 'ben', 'nothing', 'hi'), /^error 1400 /)
    await ana!.call('answerRpc', 'back')
    assert.equal(await ben!.call('rpc', 'ana', 'back', 'yes'), 'ben:YES')
  })

  test(`metadata, name and attributes change for everybody, ${mode}`, async () => {
    const room = roomName()
    const [ana, ben] = await suite.lab.join(room, ['ana', 'ben'], { single })
    assert.equal(await ana!.call('setMetadata', 'm1'), 'ok')
    assert.equal(await ana!.call('setName', 'Ana B'), 'ok')
    assert.equal(await ana!.call('setAttributes', { hand: 'up', colour: 'red' }), 'ok')
    const is = (hand: string | undefined) => (person: { metadata: string; name: string; attributes: Record<string, string> }) =>
      person.metadata === 'm1' && person.name === 'Ana B' && person.attributes.hand === hand
    await ben!.sees('ana', is('up'))
    await ben!.event('participantMetadataChanged', (event) => event.identity === 'ana')
    await ben!.event('participantNameChanged', (event) => event.identity === 'ana')
    const changed = await ben!.event('participantAttributesChanged', (event) => event.identity === 'ana')
    assert.deepEqual(changed.value, { hand: 'up', colour: 'red' })
    assert.equal(await ana!.call('setAttributes', { hand: '' }), 'ok')
    await ben!.sees('ana', is(undefined))
    const [late] = await suite.lab.join(room, ['late'], { single })
    const seen = await late!.sees('ana', is(undefined))
    assert.deepEqual(seen.attributes, { colour: 'red' })
  })

  test(`who may not change metadata is told so, ${mode}`, async () => {
    const room = roomName()
    const ana = await suite.lab.person('ana')
    await ana.enter(room, { single }, { canUpdateOwnMetadata: false }, { metadata: 'given' })
    assert.notEqual(await ana.call('setMetadata', 'mine'), 'ok')
    assert.equal((await ana.call('me')).metadata, 'given')
  })

  test(`many small messages from everybody at once all arrive, ${mode}`, async () => {
    const people = await suite.lab.join(roomName(), ['ana', 'ben', 'eva'], { single })
    await Promise.all(
      people.map(async (person) => {
        for (let n = 0; n < 50; n++) await person.call('send', `${person.identity} ${n}`, true)
      }),
    )
    for (const person of people) {
      await until(`${person.identity} to get 100`, async () => {
        const got = (await person.call('events')).filter((event) => event.type === 'dataReceived').length
        return got === 100 || Promise.reject(new Error(`${got}`))
      })
    }
  })
}
