import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { dispose } from '@livekit/rtc-node'
import { RoomServiceClient } from 'livekit-server-sdk'
import { token } from '../../media/rig/keys.ts'
import { MediaServer } from '../../media/rig/server.ts'
import { ScriptedDoor, ScriptedEntry } from '../example/scripted-door.ts'
import { createSipServer, DialIn, MediaClock, type PhoneAttempt, Prompts, type SipServer } from '../src/index.ts'
import { Baresip } from './baresip.ts'
import { Guest } from './room.ts'
import { loopback, needs, shareOf, Tally, toneFile } from './tools.ts'

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
