// tier: release, 55 s, alone
// In the meeting by telephone: what is heard.
import assert from 'node:assert/strict'
import { RoomEvent } from '@livekit/rtc-node'
import { AttendanceReader } from '../door/lib/attendance.ts'
import { type Person, until, within } from '../door/lib/person.ts'
import { LossyCaller } from '../lib/lossy-caller.ts'
import { now, told } from '../lib/prompts.ts'
import { isHeard, presenceOf, shareOf, toneFile } from '../lib/sound.ts'
import { SpeechEngine } from '../lib/speech-engine.ts'
import { beside, phonesIn, phonesSeenBy, phoneTone } from './lib/exchange.ts'
import { Voice } from './lib/voice.ts'

const engine = new SpeechEngine(1_500)

beside('in the room', { env: { PARLEY_SPEECH_COMMAND: engine.command } }, (scene) => {
  scene('two telephones and two others hear each other, are named, and are in the attendance report', async (exchange) => {
    const meeting = await exchange.meeting()
    const { house } = exchange
    const attendance = await AttendanceReader.of(house, meeting)
    const organizer = await house.organizer(meeting)
    await organizer.enter()
    const voice = await Voice.open(organizer.room!, 1_000)
    const guest = await house.guest(meeting, 'Grace')
    await guest.enter()
    const guestVoice = await Voice.open(guest.room!, 1_300)
    const first = await exchange.call(meeting, { number: '+34600111222' })
    const second = await exchange.call(meeting, { number: '+34911222333', says: toneFile(500, 240) })
    const seen = await phonesIn(organizer, 2)
    assert.deepEqual(seen.map(({ name }) => name).sort(), ['+3460011••••', '+3491122••••'])
    const identityOf = (name: string) => seen.find((each) => each.name === name)!.identity
    await Promise.all([told(first, 'joined'), told(second, 'joined')])
    for (const [listener, ear] of [
      ['the organizer', voice],
      ['the guest', guestVoice],
    ] as const) {
      const one = await ear.listenTo(identityOf('+3460011••••'), 1)
      assert.ok(shareOf(one, phoneTone, ear.rate) > 0.8, `${listener} hears the first telephone`)
      const other = await ear.listenTo(identityOf('+3491122••••'), 1)
      assert.ok(shareOf(other, 500, ear.rate) > 0.8, `${listener} hears the second telephone`)
    }
    await Promise.all(
      [[first, [500, 1_000, 1_300], phoneTone] as const, [second, [phoneTone, 1_000, 1_300], 500] as const].map(
        async ([phone, others, own]) => {
          // What was said on the way in is still being played.
          await phone.listen(4)
          for (const tone of others)
            await until(`${tone} Hz in the recording of the one that says ${own} Hz`, async () => {
              const { pcm, rate } = await phone.listen(1)
              return isHeard(pcm, tone, rate)
            })
          const { pcm, rate } = await phone.listen(2)
          assert.equal(presenceOf(pcm, own, rate), 0, `the one that says ${own} Hz does not hear itself`)
        },
      ),
    )
    first.hangUp()
    await phonesIn(organizer, 1)
    second.press('*9')
    await second.over()
    await phonesIn(organizer, 0)
    await guest.post('/api/door/leave')
    await organizer.post('/api/door/leave')
    const ended = await until('the session to end', async () => {
      const [report] = await attendance.reports()
      return report !== undefined && report.meetingEndDateTime !== null && report
    })
    const records = await attendance.records(ended.id)
    const phones = records.filter(({ identity }) => identity.displayName?.startsWith('+34'))
    assert.equal(records.length, 4)
    assert.deepEqual(phones.map(({ identity }) => identity.displayName).sort(), ['+3460011••••', '+3491122••••'])
    for (const { attendanceIntervals, role } of phones) {
      assert.equal(role, 'Attendee')
      assert.equal(attendanceIntervals.length, 1)
      assert.ok(attendanceIntervals[0]!.durationInSeconds >= 5, 'the interval is as long as the call')
    }
  })

  scene('one packet in ten is lost, and nobody hears it', async (exchange) => {
    const meeting = await exchange.meeting()
    const organizer = await exchange.house.organizer(meeting)
    await organizer.enter()
    const voice = await Voice.open(organizer.room!, 1_000)
    const caller = await LossyCaller.call(meeting.sip, meeting.passcode, phoneTone, 0.1)
    try {
      const [seen] = await phonesIn(organizer, 1)
      // Unhidden, a tenth of all frames would be silent. A busy machine loses more: then the next seconds are looked at.
      await until('three seconds of hardly broken sound', async () => {
        const said = await voice.listenTo(seen!.identity, 3)
        return presenceOf(said, phoneTone, voice.rate, 0.02, 0.5) > 0.97
      })
      assert.ok(caller.lost > caller.sent / 20, `${caller.lost} of ${caller.sent} packets were lost`)
    } finally {
      await caller.hangUp()
    }
    await phonesIn(organizer, 0)
  })

  scene('in a broadcast a telephone listens, and is told that it is muted', async (exchange) => {
    const meeting = await exchange.meeting({ meetingType: 'broadcast' })
    const organizer = await exchange.house.organizer(meeting)
    await organizer.enter()
    await Voice.open(organizer.room!, 1_000)
    const phone = await exchange.call(meeting)
    await told(phone, 'joined-muted')
    await until('it to hear the organizer', async () => {
      const { pcm, rate } = await phone.listen(1)
      return isHeard(pcm, 1_000, rate)
    })
    const [seen] = phonesSeenBy(organizer)
    assert.equal(seen!.trackPublications.size, 0)
    phone.press('*6')
    await told(phone, 'may-not-unmute')
  })

  scene('where entries are announced the caller says a name, and the room hears it on entry and on exit', async (exchange) => {
    const meeting = await exchange.meeting({ entryExitAnnouncement: true })
    const organizer = await exchange.house.organizer(meeting)
    await organizer.enter()
    const voice = await Voice.open(organizer.room!, 1_000)
    const phone = await exchange.call(meeting)
    await told(phone, 'say-name')
    const identity = (await phonesIn(organizer, 1))[0]!.identity
    await organizer.hears(
      'announce',
      ({ kind, phone: isPhone, name }) => kind === 'entry' && isPhone === true && name === '+3460011••••',
    )
    // Its voice ends with the call; what is heard for seconds after is the name, also of somebody who was muted.
    phone.press('*6')
    await until('the telephone to be muted', async () => [...phonesSeenBy(organizer)[0]!.trackPublications.values()][0]!.muted)
    const left = within('the telephone to leave', gone(organizer))
    phone.hangUp()
    await phone.over()
    const exit = await voice.listenTo(identity, 3)
    assert.ok(isHeard(exit, phoneTone, voice.rate), 'its name, said on exit')
    await left
    await organizer.hears('announce', ({ kind, phone: isPhone }) => kind === 'exit' && isPhone === true)
  })

  scene('callers hear who comes and goes by browser: a tone, and the name where an engine speaks it', async (exchange) => {
    const meeting = await exchange.meeting({ entryExitAnnouncement: true })
    const phone = await exchange.call(meeting)
    await told(phone, 'say-name')
    await told(phone, 'joined')
    const heard = async (from: number) => {
      const { pcm, rate } = await phone.heard()
      const since = pcm.subarray(from)
      // The notes of the tones of entry and exit are 587 and 880 Hz, and short: a tenth of a second may hold half of one.
      return shareOf(since, 1_500, rate) > 0.8 && shareOf(since, 587, rate) > 0.25 && shareOf(since, 880, rate) > 0.25
    }
    let from = await now(phone)
    const guest = await exchange.house.guest(meeting, 'Grace; <b>$(reboot)</b> [[h@]]')
    await guest.enter()
    await until('the entry to be heard', () => heard(from))
    from = await now(phone)
    await guest.post('/api/door/leave')
    await until('the exit to be heard', () => heard(from))
    assert.deepEqual(engine.said, ['en Grace b reboot b h joined.', 'en Grace b reboot b h left.'])
  })
})

function gone(person: Person): Promise<void> {
  return new Promise((resolve) => person.room!.once(RoomEvent.ParticipantDisconnected, () => resolve()))
}
