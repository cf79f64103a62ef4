// tier: release, 20 s
// Keying the passcode: by every method, wrongly, too often; and where it must not appear.
import assert from 'node:assert/strict'
import { until } from '../door/lib/person.ts'
import { told } from '../lib/prompts.ts'
import { keysFile } from '../lib/sound.ts'
import { beside, phonesIn } from './lib/exchange.ts'

beside('the passcode', { env: { PARLEY_LOG_LEVEL: 'trace', PARLEY_SIP_LANGUAGES: '+34910000000=es' } }, (scene) => {
  scene('the passcode by RFC 4733, by INFO and in-band, with hash and without; never in the log', async (exchange) => {
    const meeting = await exchange.meeting()
    const organizer = await exchange.house.organizer(meeting)
    await organizer.enter()
    const opened = await fetch(meeting.joinUrl)
    const page = await opened.text()
    const dialinUrl = /href="([^"]*\/dialin\/[^"]*)"/.exec(page)?.[1]
    assert.ok(page.includes(meeting.sip) && page.includes(`,,${meeting.passcode}%23`) && dialinUrl)
    const numbers = await (await fetch(dialinUrl.replaceAll('&amp;', '&'))).text()
    assert.ok(numbers.includes(meeting.sip) && numbers.includes(`,,${meeting.passcode}%23`))
    await exchange.call(meeting, { number: '+34600000001' })
    const byInfo = await exchange.phone({ number: '+34600000002', account: ';dtmfmode=info' })
    await byInfo.dial(meeting.sip)
    byInfo.press(`${meeting.passcode}#`)
    const inBand = await exchange.phone({ number: '+34600000003', says: keysFile(`${meeting.passcode}#`, 1_500) })
    await inBand.dial(meeting.sip)
    const withoutHash = await exchange.phone({ number: '+34600000004', codec: 'PCMA' })
    await withoutHash.dial(meeting.sip)
    withoutHash.press(meeting.passcode)
    await phonesIn(organizer, 4)
    const { stdout, stderr } = exchange.house.server.output()
    assert.ok(stderr.includes('call answered'), 'there is a log')
    assert.equal(`${stdout}${stderr}`.includes(meeting.passcode), false, 'the passcode is in the log')
  })

  scene('three wrong passcodes end the call; however many were wrong, the right one comes in', async (exchange) => {
    const meeting = await exchange.meeting()
    const organizer = await exchange.house.organizer(meeting)
    await organizer.enter()
    const guesses = ['9990001#9990002#9990003#', '9990004#9990005#9990006#', '9990007#9990008#9990009#']
    await Promise.all(
      guesses.map(async (keys) => {
        const phone = await exchange.phone()
        await phone.dial(meeting.sip)
        phone.press(keys)
        await told(phone, 'too-many-tries')
        await phone.over()
      }),
    )
    await exchange.call(meeting)
    await exchange.call(meeting, { number: '+34911222333' })
    await phonesIn(organizer, 2)
    const metrics = await until('the guesses to be counted', async () => {
      const text = await (await fetch(`${exchange.house.server.url}/metrics`)).text()
      return text.includes('parley_dialin_passcode_tries_total') && text
    })
    const tries = (outcome: string) =>
      Number(new RegExp(`parley_dialin_passcode_tries_total\\{outcome="${outcome}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0)
    assert.equal(tries('wrong'), 9)
    // Those who call beside this test key theirs as well.
    assert.ok(tries('right') >= 2)
  })

  scene('in Spanish when 2 is pressed, or when the number dialled says so; nobody leads unless asked for', async (exchange) => {
    const meeting = await exchange.meeting()
    const read = await exchange.house.graph.send('GET', `/beta/app/onlineMeetings/${meeting.id}`)
    assert.equal((read.body.audioConferencing as { leaderPasscode: string | null }).leaderPasscode, null, 'off by default')
    const phone = await exchange.phone({ number: '+34600000005' })
    await phone.dial(meeting.sip)
    await told(phone, 'welcome')
    phone.press('2')
    await told(phone, 'enter-passcode', 'es')
    phone.press(`${meeting.passcode}#`)
    await told(phone, 'joined', 'es')
    const spanish = await exchange.phone({ number: '+34600000006' })
    await spanish.dial(meeting.sip.replace('sip:meet@', 'sip:+34910000000@'))
    await told(spanish, 'enter-passcode', 'es')
  })
})
