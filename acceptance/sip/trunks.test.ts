// tier: full, 30 s
// Who may call at all, and over what.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../door/lib/person.ts'
import { freePort } from '../lib/phone.ts'
import { told } from '../lib/prompts.ts'
import { Registrar } from '../lib/registrar.ts'
import { isHeard, presenceOf, toneFile } from '../lib/sound.ts'
import { Visitor } from '../people/lib/visitor.ts'
import { beside, type DialableMeeting, Exchange, phonesIn, phonesSeenBy, phoneTone } from './lib/exchange.ts'
import { Voice } from './lib/voice.ts'

const digest = (name: string, more: object = {}) => ({
  ...{ kind: 'digest', name, username: name, password: `a-long-password-of-${name}` },
  ...more,
})
const as = (name: string) => `;auth_user=${name};auth_pass=a-long-password-of-${name}`
const trunks = [digest('pbx'), digest('secure', { srtp: 'required' }), digest('wide', { codecs: ['opus'] })]
const tlsPort = await freePort()
const settings = {
  env: { PARLEY_SIP_TRUNKS: JSON.stringify(trunks), PARLEY_SIP_TLS_PORT: String(tlsPort), PARLEY_LOG_LEVEL: 'info' },
}

/** The organizer of a meeting hears a telephone's tone, and the telephone the organizer's. */
async function bothHear(own: Exchange, call: (meeting: DialableMeeting) => ReturnType<Exchange['call']>): Promise<void> {
  const meeting = await own.meeting()
  const organizer = await own.house.organizer(meeting)
  await organizer.enter()
  const voice = await Voice.open(organizer.room!, 1_000)
  const phone = await call(meeting)
  const [seen] = await phonesIn(organizer, 1)
  await until('the organizer to hear the telephone', async () =>
    isHeard(await voice.listenTo(seen!.identity, 1), phoneTone, voice.rate),
  )
  await until('the telephone to hear the organizer', async () => {
    const { pcm, rate } = await phone.listen(1)
    return isHeard(pcm, 1_000, rate)
  })
}

beside('trunks', settings, (scene) => {
  const logOf = (own: Exchange) => own.house.server.output().stderr

  scene('a digest trunk may call; strangers and wrong passwords are refused, and administrators see why', async (own) => {
    const meeting = await own.meeting()
    const [stranger, plain] = await Promise.all([
      own.phone({ number: '+34699999999', account: ';auth_user=pbx;auth_pass=guessed' }),
      own.phone({ number: '+34688888888', account: as('secure') }),
    ])
    stranger.ring(meeting.sip)
    plain.ring(meeting.sip)
    await Promise.all([stranger.over(), plain.over()])
    const organizer = await own.house.organizer(meeting)
    await organizer.enter()
    await own.call(meeting, { account: as('pbx') })
    await phonesIn(organizer, 1)
    const administrator = new Visitor(own.house.server.url)
    const who = own.house.server.dev.users.find(({ upn }) => upn.startsWith('heidi')) ?? own.house.server.dev.users[0]!
    await administrator.signIn(who)
    const page = await until('both refusals to be noted', async () => {
      const { text } = await administrator.get('/admin/refusals')
      return text.includes('bad-credentials') && text.includes('sdp-srtp-required') && text
    })
    for (const shown of ['+34699999999', '+34688888888', '127.0.0.1', 'takes encrypted calls only'])
      assert.ok(page.includes(shown), `${shown} on the page`)
    assert.match(logOf(own), /call refused: The name or password of a digest trunk was wrong/)
    assert.match(logOf(own), /call refused: The trunk takes encrypted calls only/)
    for (const secret of ['+34699999999', 'a-long-pass']) assert.equal(logOf(own).includes(secret), false, `${secret} in the log`)
  })

  scene('over TLS with SRTP', (own) =>
    bothHear(own, async (meeting) => {
      const phone = await own.phone({ account: `${as('secure')};mediaenc=srtp-mand` })
      await phone.dial(`sip:meet@127.0.0.1:${tlsPort};transport=tls`)
      phone.press(`${meeting.passcode}#`)
      await until('an encrypted call in the log', async () => /"srtp":true|srtp: ?true/.test(logOf(own)))
      return phone
    }),
  )

  scene('in Opus, over TCP', (own) =>
    bothHear(own, async (meeting) => {
      const phone = await own.phone({
        ...{ account: as('wide'), codec: 'opus/48000/1', says: toneFile(phoneTone, 240, 48_000) },
        config: ['opus_stereo no', 'opus_sprop_stereo no'],
      })
      await phone.dial(`${meeting.sip};transport=tcp`)
      phone.press(`${meeting.passcode}#`)
      await until('Opus in the log', async () => /"codec":"opus"|codec: ?"?opus/.test(logOf(own)))
      return phone
    }),
  )

  test('by registering to a provider, which calls the contact it was given; hold and resume; withdrawn at the end', {
    timeout: 300_000,
  }, async () => {
    const account = { username: '34900', password: 'a-long-password-of-ours' }
    const registrar = await Registrar.start(account)
    const trunk = { kind: 'registration', name: 'provider', registrar: registrar.address, ...account }
    const exchange = await Exchange.open({ env: { PARLEY_SIP_TRUNKS: JSON.stringify([trunk]), PARLEY_LOG_LEVEL: 'info' } })
    try {
      const contact = await registrar.until('registered')
      // A busy machine may have sent the first REGISTER more than once.
      assert.deepEqual([...new Set(registrar.answered)], [401, 200])
      const meeting = await exchange.meeting()
      const organizer = await exchange.house.organizer(meeting)
      await organizer.enter()
      const voice = await Voice.open(organizer.room!, 1_000)
      const phone = await exchange.call({ ...meeting, sip: contact })
      const [seen] = await phonesIn(organizer, 1)
      const presence = async () => presenceOf(await voice.listenTo(seen!.identity, 0.5), phoneTone, voice.rate)
      await told(phone, 'joined')
      phone.hold()
      await until('silence while on hold', async () => (await presence()) === 0)
      assert.equal(phonesSeenBy(organizer).length, 1, 'who holds is in the meeting')
      phone.resume()
      await until('the voice again', async () => (await presence()) > 0)
      assert.equal(exchange.house.server.output().stderr.includes('a-long-password'), false)
      await exchange.close()
      assert.equal(await registrar.until('withdrawn'), '')
    } finally {
      await exchange.close()
      registrar.close()
    }
  })
})
