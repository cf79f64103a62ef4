// tier: full, 40 s
// What one stranger can use up: places, the lobby, streams, the relay's credentials.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { House } from './lib/house.ts'
import { until, within } from './lib/person.ts'
import { SignalPeer } from './lib/signal.ts'

let house: House
before(async () => {
  const relay = [{ urls: ['turn:turn.example.org'], username: 'relay', credential: 'secret' }]
  const env = {
    PARLEY_CAPACITY: '20',
    PARLEY_MEDIA_ICE_SERVERS: JSON.stringify(relay),
    PARLEY_TRUSTED_PROXIES: '127.0.0.0/8,::1',
  }
  house = await House.open({ env })
})
after(() => house?.close())

const from = (address: string) => ({ 'x-forwarded-for': address })

test('one guest does not fill a meeting', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  for (let index = 0; index < 25; index++) {
    const { body } = await house.person().ask(meeting.threadId, 'Greedy', {}, from('203.0.113.1'))
    assert.ok(['admitted', 'waiting'].includes(body.admission!.state))
  }
  const colleague = await house.member(1)
  const { body } = await colleague.ask(meeting.threadId, '', {}, from('203.0.113.2'))
  assert.equal(body.admission?.state, 'admitted')
  const guest = house.person()
  assert.equal((await guest.ask(meeting.threadId, 'Grace', {}, from('203.0.113.3'))).body.admission?.state, 'admitted')
  assert.equal(
    (await guest.ask(meeting.threadId, 'Grace', {}, from('203.0.113.3'))).body.admission?.state,
    'admitted',
    'another tab',
  )
})

test('one guest does not fill a lobby, nor the pages of those who look at it', async () => {
  const meeting = await house.meeting({ accessLevel: 'locked' })
  const organizer = await house.organizer(meeting)
  const greedy = Array.from(
    { length: 320 },
    async () => (await house.person().ask(meeting.threadId, 'Greedy', {}, from('203.0.113.1'))).status,
  )
  const statuses = await Promise.all(greedy)
  assert.ok(statuses.filter((status) => status === 429).length >= 15, 'no more than three hundred wait')
  const other = await house.person().ask(meeting.threadId, 'Grace', {}, from('203.0.113.2'))
  assert.equal(other.body.admission?.state, 'waiting')
  await organizer.hears('lobby', ({ waiting }) => (waiting as { name: string }[]).some(({ name }) => name === 'Grace'))
  const bytes = organizer.told
    .filter(({ event }) => event === 'lobby')
    .reduce((sum, { data }) => sum + JSON.stringify(data).length, 0)
  assert.ok(bytes < 800_000, `${bytes} bytes of lists`)
  await house.dismiss()
})

test('who comes again from the same browser waits once, and who closed the page is gone in seconds', async () => {
  const meeting = await house.meeting({ accessLevel: 'locked' })
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  const tab = house.person()
  for (const [name, value] of guest.cookies) tab.cookies.set(name, value)
  await tab.ask(meeting.threadId, 'Grace again')
  await guest.hears('admission', ({ state }) => state === 'left')
  const { waiting } = (await organizer.send('GET', '/api/room/lobby')).body as { waiting: { name: string }[] }
  assert.deepEqual(
    waiting.map(({ name }) => name),
    ['Grace again'],
  )
  const { id, secret } = tab.admission!
  const away = await fetch(`${house.server.url}/api/door/away`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ admission: `${id}.${secret}` }),
  })
  assert.equal(away.status, 204)
  const gone = organizer.hears('lobby', ({ waiting }) => (waiting as unknown[]).length === 0, organizer.told.length)
  await within('the lobby to be empty', gone, 20_000)
  await house.dismiss()
})

test('of many streams of one guest four stay open', async () => {
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const guest = house.person()
  await guest.ask(meeting.threadId, 'Grace')
  let open = 0
  const streams = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const response = await fetch(`${house.server.url}/api/door/events`, { headers: guest.headers })
      open += 1
      void (async () => {
        for await (const _ of response.body!);
      })()
        .catch(() => undefined)
        .finally(() => {
          open -= 1
        })
      return response
    }),
  )
  assert.equal(
    streams.every(({ status }) => status === 200),
    true,
  )
  await until('all but four to end', async () => open === 4)
  await guest.post('/api/door/leave')
  await until('the last to end', async () => open === 0)
})

test('the connection test gives strangers no credentials of a relay; who is let in has them', async () => {
  const test = await house.person().post('/api/door/connection-test')
  const iceServersOf = async (media: { url: string; token: string }) => {
    const peer = new SignalPeer(media)
    const { iceServers } = await peer.joined
    peer.leave()
    return iceServers.map(({ username }) => username)
  }
  assert.deepEqual(await iceServersOf(test.body as unknown as { url: string; token: string }), [])
  const meeting = await house.meeting({ accessLevel: 'everyone' })
  const guest = house.person()
  await guest.ask(meeting.threadId, 'Grace')
  assert.deepEqual(await iceServersOf(guest.media!), ['relay'])
})
