// tier: full, 70 s, alone
// tier: release, 70 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { dispose } from '@livekit/rtc-node'
import { RoomServiceClient } from 'livekit-server-sdk'
import { Lab } from '../../media/test/harness/browser.ts'
import { token } from '../../media/test/harness/keys.ts'
import { MediaServer } from '../../media/test/harness/server.ts'
import { ScriptedDoor, ScriptedEntry } from '../example/scripted-door.ts'
import { LivekitLeg } from '../src/bridge/livekit-leg.ts'
import type { RoomEvents } from '../src/bridge/room.ts'
import { createSipServer, type SipServer } from '../src/index.ts'
import { DialIn, type PhoneAttempt, Prompts } from '../src/ivr/index.ts'
import { MediaClock } from '../src/media/index.ts'
import { tone } from '../src/media/tone.ts'
import { Baresip } from './baresip.ts'
import { Guest } from './room.ts'
import { loopback, needs, selfSigned, shareOf, Tally, toneFile } from './tools.ts'

// The whole way: a phone nobody here wrote, our SIP server, a scripted door, and a real LiveKit room.
// MEDIA_UNDER_TEST=livekit runs it against livekit-server instead of the embedded one.

let media: MediaServer
let says: string
let prompts: Prompts

before(async () => {
  needs('baresip')
  media = await MediaServer.start()
  says = await toneFile(700, 120)
  prompts = await Prompts.load()
})

after(async () => {
  await media.stop()
  await dispose()
})

interface Stage {
  phone: Baresip
  server: SipServer
  door: ScriptedDoor
  guest: Guest
  entry: ScriptedEntry
  ended: Tally<string>
  room: string
}

let rooms = 0

async function inRoom(run: (stage: Stage) => Promise<void>): Promise<void> {
  const room = `bridge-${++rooms}`
  const phoneToken = await token(media.keys, 'phone', room)
  const door = new ScriptedDoor(
    { 4321: (attempt) => new ScriptedEntry(attempt).push({ state: 'admitted', url: media.url, token: phoneToken }) },
    4,
  )
  const faults: Error[] = []
  const entered = new Tally<ScriptedEntry>()
  door.onEntry = (entry) => entered.add(entry)
  const dialIn = await DialIn.open({
    door,
    prompts,
    clock: new MediaClock(),
    languageOf: () => 'en',
    fault: (error) => faults.push(error),
  })
  const server = await createSipServer({ listen: { address: '127.0.0.1', udp: 0 }, trunks: [loopback], onCall: dialIn.take })
  const ended = new Tally<string>()
  server.events.on('callEnded', ({ code }) => ended.add(code))
  const guest = await Guest.join(media.url, await token(media.keys, 'guest', room), 1_000)
  let phone: Baresip | undefined
  try {
    phone = await Baresip.start({ codec: 'PCMU', says })
    phone.command('dial', `sip:100@127.0.0.1:${server.port('udp')}`)
    await phone.event('CALL_ESTABLISHED')
    for (const digit of '4321') phone.command('sndcode', digit)
    const [entry] = await entered.until((items) => items.length > 0, 'the door')
    await guest.tracks.until((items) => items.includes('phone'), 'the phone in the room')
    await run({ phone, server, door, guest, entry: entry!, ended, room })
    assert.deepEqual(faults, [])
  } finally {
    await phone?.stop()
    await guest.leave()
    await server.close()
  }
}

test('a phone and a participant hear each other', async () => {
  await inRoom(async ({ phone, guest }) => {
    await guest.listen(3)
    const heard = await guest.listen(1)
    assert.ok(shareOf(heard, 700, guest.rate) > 0.8, `the room hears the phone: ${shareOf(heard, 700, guest.rate)}`)
    const { pcm, rate } = await phone.heard()
    const last = pcm.subarray(Math.max(0, pcm.length - rate))
    assert.ok(shareOf(last, 1_000, rate) > 0.8, `the phone hears the room: ${shareOf(last, 1_000, rate)}`)
    assert.ok(shareOf(last, 700, rate) < 0.05, 'the phone does not hear itself')
  })
})

test('star six mutes for everyone to see, and unmutes', async () => {
  await inRoom(async ({ phone, guest }) => {
    await guest.listen(1)
    for (const key of '*6') phone.command('sndcode', key)
    await guest.muted.until((items) => items.at(-1) === true, 'the phone shown as muted')
    for (const key of '*6') phone.command('sndcode', key)
    await guest.muted.until((items) => items.at(-1) === false, 'the phone shown as unmuted')
    const heard = await guest.listen(1)
    assert.ok(shareOf(heard, 700, guest.rate) > 0.8)
  })
})

test('the organizer mutes the phone', async () => {
  await inRoom(async ({ guest, room }) => {
    await guest.listen(1)
    const admin = new RoomServiceClient(media.url.replace('ws:', 'http:'), media.keys.key, media.keys.secret)
    const { tracks } = await admin.getParticipant(room, 'phone')
    await admin.mutePublishedTrack(room, 'phone', tracks[0]!.sid, true)
    await guest.muted.until((items) => items.at(-1) === true, 'the phone shown as muted')
  })
})

test('star five raises the hand, star nine leaves', async () => {
  await inRoom(async ({ phone, guest, entry, ended }) => {
    const done = new Tally<string>()
    entry.onDone = (what) => done.add(what)
    await guest.listen(1)
    for (const key of '*5') phone.command('sndcode', key)
    await done.until((items) => items.includes('hand up'), 'a raised hand')
    for (const key of '*9') phone.command('sndcode', key)
    await done.until((items) => items.includes('leave'), 'the phone gone from the door')
    await ended.until((items) => items.length > 0, 'the end')
    assert.deepEqual(ended.items, ['hung-up'])
  })
})

test('a removed phone hears so and is hung up on', async () => {
  await inRoom(async ({ phone, guest, room, ended }) => {
    await guest.listen(1)
    const admin = new RoomServiceClient(media.url.replace('ws:', 'http:'), media.keys.key, media.keys.secret)
    await admin.removeParticipant(room, 'phone')
    await ended.until((items) => items.length > 0, 'the end')
    await phone.event('CALL_CLOSED')
    assert.deepEqual(ended.items, ['hung-up'])
  })
})

test('a phone that hangs up leaves the room', async () => {
  await inRoom(async ({ phone, guest, entry, ended }) => {
    await guest.listen(1)
    const left = new Tally<string>()
    guest.room.on('participantDisconnected', ({ identity }) => left.add(identity))
    const done = new Tally<string>()
    entry.onDone = (what) => done.add(what)
    phone.command('hangup')
    await ended.until((items) => items.length > 0, 'the end')
    await left.until((items) => items.includes('phone'), 'the phone out of the room')
    await done.until((items) => items.includes('leave'), 'the phone gone from the door')
  })
})

test('two phones and a participant: each hears the others, also after the first phone has left', async () => {
  const room = `bridge-${++rooms}`
  const tokens = await Promise.all(['first', 'second'].map((identity) => token(media.keys, identity, room)))
  const admit = (which: number) => (attempt: PhoneAttempt) =>
    new ScriptedEntry(attempt).push({ state: 'admitted', url: media.url, token: tokens[which]! })
  const door = new ScriptedDoor({ 11: admit(0), 22: admit(1) }, 2)
  const dialIn = await DialIn.open({ door, prompts, languageOf: () => 'en' })
  const server = await createSipServer({ listen: { address: '127.0.0.1', udp: 0 }, trunks: [loopback], onCall: dialIn.take })
  const guest = await Guest.join(media.url, await token(media.keys, 'guest', room), 1_000)
  const phones: Baresip[] = []
  try {
    for (const [keys, sound, name] of [
      ['11', says, 'first'],
      ['22', await toneFile(500, 120), 'second'],
    ] as const) {
      const phone = await Baresip.start({ codec: 'PCMU', says: sound })
      phones.push(phone)
      phone.command('dial', `sip:100@127.0.0.1:${server.port('udp')}`)
      await phone.event('CALL_ESTABLISHED')
      for (const digit of keys) phone.command('sndcode', digit)
      await guest.tracks.until((items) => items.includes(name), name)
    }
    const [first, second] = phones as [Baresip, Baresip]
    const lastSecond = async (phone: Baresip) => {
      const { pcm, rate } = await phone.heard()
      const last = pcm.subarray(Math.max(0, pcm.length - rate))
      return (frequency: number) => shareOf(last, frequency, rate)
    }
    // Both phones' tones come into the guest's frames, track by track, so it waits for both of them.
    await guest.listen(10)
    const [inFirst, inSecond] = [await lastSecond(first), await lastSecond(second)]
    assert.ok(inFirst(500) > 0.25 && inFirst(1_000) > 0.25 && inFirst(700) < 0.05, `first: ${[500, 700, 1_000].map(inFirst)}`)
    assert.ok(
      inSecond(700) > 0.25 && inSecond(1_000) > 0.25 && inSecond(500) < 0.05,
      `second: ${[500, 700, 1_000].map(inSecond)}`,
    )
    first.command('hangup')
    await guest.listen(4)
    const alone = await lastSecond(second)
    assert.ok(alone(1_000) > 0.8 && alone(700) < 0.05, `after: ${[500, 700, 1_000].map(alone)}`)
  } finally {
    await Promise.all(phones.map((phone) => phone.stop()))
    await guest.leave()
    await server.close()
  }
})

/** On a busy machine a media server may take long to be there again. */
const patient = [100, 400, ...Array.from({ length: 25 }, () => 1_000)]

/** A telephone's place in a room without the telephone: says 700 Hz, keeps what it hears and is told. */
async function saying(room: string, url = media.url, rate = 8_000) {
  const told = new Tally<string>()
  const events: RoomEvents = {
    muted: (muted) => told.add(muted ? 'muted' : 'unmuted'),
    others: (change) => told.add(change),
    lost: (why) => told.add(why),
  }
  const leg = new LivekitLeg(url, await token(media.keys, 'phone', room), rate, events, patient)
  await leg.connect()
  const sound = tone(rate, 1_000, [700], 0.3)
  const heard: Int16Array[] = []
  let at = 0
  const stop = new MediaClock().join(() => {
    leg.speak(sound.slice(at, at + rate / 50))
    at = (at + rate / 50) % rate
    heard.push(leg.hear() ?? new Int16Array(rate / 50))
  })
  /** The share of a tone in what was heard last. */
  const share = (frequency: number) => {
    const last = heard.slice(-25)
    const all = new Int16Array(last.length * (rate / 50))
    for (const [index, frame] of last.entries()) all.set(frame, index * (rate / 50))
    return shareOf(all, frequency, rate)
  }
  return {
    leg,
    told,
    share,
    async close() {
      stop()
      await leg.close()
    },
  }
}

test('over TLS, and at the rate of a wide-band telephone, all is the same', { timeout: 300_000 }, async () => {
  const { certificate, key } = selfSigned('127.0.0.1')
  setDefaultCACertificates([...getCACertificates('default'), certificate])
  const door = createServer({ cert: certificate, key }, (socket) => {
    const inner = connect(media.httpPort, '127.0.0.1')
    socket.pipe(inner).pipe(socket)
    socket.on('error', () => inner.destroy())
    inner.on('error', () => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as { port: number }
  const room = `bridge-${++rooms}`
  const guest = await Guest.join(media.url, await token(media.keys, 'guest', room), 1_000)
  const phone = await saying(room, `wss://127.0.0.1:${port}`, 16_000)
  try {
    await guest.tracks.until((items) => items.includes('phone'), 'the phone in the room')
    await guest.listen(2)
    assert.ok(shareOf(await guest.listen(1), 700, guest.rate) > 0.8, 'the room hears the phone')
    while (phone.share(1_000) < 0.8) await guest.listen(0.5)
  } finally {
    await phone.close()
    await guest.leave()
    door.close()
  }
})

test('a phone that may no longer speak is silent, and may be heard again when it may', async () => {
  const room = `bridge-${++rooms}`
  const guest = await Guest.join(media.url, await token(media.keys, 'guest', room), 1_000)
  const phone = await saying(room)
  const allow = (canPublish: boolean) =>
    media.rooms.updateParticipant(room, 'phone', { permission: { canPublish, canSubscribe: true, canPublishData: true } })
  try {
    await guest.tracks.until((items) => items.includes('phone'), 'the phone in the room')
    await allow(false)
    await phone.told.until((items) => items.at(-1) === 'muted', 'the phone told so')
    assert.equal((await media.rooms.getParticipant(room, 'phone')).tracks.length, 0)
    await allow(true)
    await phone.leg.setMuted(false)
    await guest.tracks.until((items) => items.filter((item) => item === 'phone').length === 2, 'the phone to speak again')
    await guest.listen(1)
    assert.ok(shareOf(await guest.listen(1), 700, guest.rate) > 0.8)
  } finally {
    await phone.close()
    await guest.leave()
  }
})

test('Chromium hears a phone', async () => {
  const room = `bridge-${++rooms}`
  const lab = await Lab.open(media)
  const phone = await saying(room)
  try {
    const [browser] = await lab.join(room, ['browser'])
    const { sid } = await browser!.track('phone', 'microphone')
    await browser!.hears(sid)
  } finally {
    await phone.close()
    await lab.close()
  }
})

test('a phone stays when the media server is killed and comes again', { timeout: 300_000 }, async () => {
  const room = `bridge-${++rooms}`
  const phone = await saying(room)
  await media.stop('SIGKILL')
  await media.launch()
  const guest = await Guest.join(media.url, await token(media.keys, 'guest', room), 1_000)
  try {
    await guest.tracks.until((items) => items.includes('phone'), 'the phone in the room')
    await guest.listen(1)
    assert.ok(shareOf(await guest.listen(1), 700, guest.rate) > 0.8, 'the room hears the phone')
    // The phone hears the room, too; the test ends by its time if it never does.
    while (phone.share(1_000) < 0.8) await guest.listen(0.5)
    assert.ok(!phone.told.items.includes('lost'), 'without the caller having been told')
  } finally {
    await phone.close()
    await guest.leave()
  }
})
