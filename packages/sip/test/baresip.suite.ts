// tier: quick, 25 s
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { concatPcm } from '../src/media/pcm.ts'
import { silence, tone } from '../src/media/tone.ts'
import { Baresip, type BaresipOptions } from './baresip.ts'
import { loopback, needs, Studio, selfSigned, shareOf, toneFile, wavFile } from './tools.ts'

// A phone nobody here wrote: baresip speaks a 700 Hz tone and records what it hears, which is 1,000 Hz.

let says: string

before(async () => {
  needs('baresip')
  says = await toneFile(700, 60, 8_000)
})

async function withPhone(
  options: Partial<BaresipOptions>,
  run: (phone: Baresip, studio: Studio) => Promise<void>,
): Promise<void> {
  const studio = await Studio.start()
  const phone = await Baresip.start({ codec: 'PCMU', says, ...options })
  try {
    await run(phone, studio)
    assert.deepEqual(studio.faults, [])
  } finally {
    await phone.stop()
    await studio.stop()
  }
}

async function bothHear(phone: Baresip, studio: Studio): Promise<void> {
  await studio.listen(1)
  const heard = await studio.listen(1)
  assert.ok(
    shareOf(heard, 700, studio.heardRate) > 0.9,
    `server hears the phone's tone: ${shareOf(heard, 700, studio.heardRate)}`,
  )
  const { pcm, rate } = await phone.heard()
  assert.ok(shareOf(pcm, 1_000, rate) > 0.9, `phone hears the server's tone: ${shareOf(pcm, 1_000, rate)}`)
}

describe('baresip', { concurrency: 4 }, () => {
  for (const codec of ['PCMU', 'PCMA', 'opus/48000/1']) {
    test(`sound both ways in ${codec}`, async () => {
      const opus = codec.startsWith('opus')
      const options = opus ? { says: await toneFile(700, 60, 48_000), config: ['opus_stereo no', 'opus_sprop_stereo no'] } : {}
      await withPhone({ codec, ...options }, async (phone, studio) => {
        phone.command('dial', studio.uri())
        await phone.event('CALL_ESTABLISHED')
        const [answered] = await studio.answered.until((items) => items.length > 0, 'an answer')
        assert.equal(answered?.codec, codec.split('/')[0])
        await bothHear(phone, studio)
        phone.command('hangup')
        assert.deepEqual(await studio.ended.until((items) => items.length > 0, 'the end'), ['caller-hung-up'])
      })
    })
  }

  test('keys as telephone events', async () => {
    await withPhone({}, async (phone, studio) => {
      phone.command('dial', studio.uri())
      await phone.event('CALL_ESTABLISHED')
      await studio.listen(0.5)
      for (const digit of '1559*#0') {
        phone.command('sndcode', digit)
        await studio.listen(0.5)
      }
      await studio.digits.until((items) => items.length >= 7, 'seven keys')
      assert.deepEqual(
        studio.digits.items,
        [...'1559*#0'].map((digit) => `${digit} rfc4733`),
      )
    })
  })

  test('keys as tones in the audio', async () => {
    const rows = { 1: [697, 1209], 5: [770, 1336], 9: [852, 1477], '*': [941, 1209], '#': [941, 1477] }
    const pause = silence(8_000, 120)
    const presses = Object.values(rows).flatMap((pair) => [tone(8_000, 100, pair, 0.2), pause])
    const sound = await wavFile(concatPcm([silence(8_000, 500), ...presses, silence(8_000, 20_000)]), 8_000)
    await withPhone({ says: sound }, async (phone, studio) => {
      phone.command('dial', studio.uri())
      await phone.event('CALL_ESTABLISHED')
      await studio.listen(2)
      assert.deepEqual(
        studio.digits.items.toSorted(),
        Object.keys(rows)
          .map((digit) => `${digit} inband`)
          .toSorted(),
      )
    })
  })

  test('sound both ways over TCP', async () => {
    await withPhone({}, async (phone, studio) => {
      phone.command('dial', studio.uri('tcp'))
      await phone.event('CALL_ESTABLISHED')
      await bothHear(phone, studio)
      phone.command('hangup')
      await studio.ended.until((items) => items.length > 0, 'the end')
    })
  })

  test('sound both ways over TLS, keys in SRTP', async () => {
    const { certificate, key } = selfSigned()
    const studio = await Studio.start({
      listen: { address: '127.0.0.1', tls: 0 },
      tls: { cert: certificate, key },
      trunks: [{ ...loopback, srtp: 'required' }],
    })
    const phone = await Baresip.start({ codec: 'PCMU', says, account: ';mediaenc=srtp-mand', modules: ['srtp.so'] })
    try {
      phone.command('dial', studio.uri('tls'))
      await phone.event('CALL_ESTABLISHED')
      assert.equal(studio.answered.items[0]?.srtp, true)
      assert.equal(studio.calls.items[0]?.info.protocol, 'tls')
      await bothHear(phone, studio)
      studio.calls.items[0]?.hangUp()
      await phone.event('CALL_CLOSED')
    } finally {
      await phone.stop()
      await studio.stop()
    }
  })

  test('a trunk that takes encrypted calls only refuses a plain one', async () => {
    const studio = await Studio.start({ trunks: [{ ...loopback, srtp: 'required' }] })
    const phone = await Baresip.start({ codec: 'PCMU', says })
    try {
      phone.command('dial', studio.uri())
      await phone.event('CALL_CLOSED')
      assert.deepEqual(studio.refused.items, ['sdp-srtp-required'])
    } finally {
      await phone.stop()
      await studio.stop()
    }
  })

  test('sound both ways in SRTP', async () => {
    const account = ';mediaenc=srtp-mand'
    await withPhone({ account, modules: ['srtp.so'] }, async (phone, studio) => {
      phone.command('dial', studio.uri())
      await phone.event('CALL_ESTABLISHED')
      const [answered] = await studio.answered.until((items) => items.length > 0, 'an answer')
      assert.equal(answered?.srtp, true)
      await bothHear(phone, studio)
    })
  })

  test('hold and resume', async () => {
    await withPhone({}, async (phone, studio) => {
      phone.command('dial', studio.uri())
      await phone.event('CALL_ESTABLISHED')
      await bothHear(phone, studio)
      phone.command('hold')
      await studio.holds.until((items) => items.at(-1) === true, 'hold')
      const held = await studio.listen(1)
      assert.ok(
        held.every((sample) => sample === 0),
        'a held phone is not heard',
      )
      phone.command('resume')
      await studio.holds.until((items) => items.at(-1) === false, 'resume')
      await bothHear(phone, studio)
      phone.command('sndcode', '*')
      phone.command('sndcode', '4')
      await studio.digits.until((items) => items.length >= 2, 'keys after the hold')
    })
  })

  test('the server hangs up', async () => {
    await withPhone({}, async (phone, studio) => {
      phone.command('dial', studio.uri())
      await phone.event('CALL_ESTABLISHED')
      await studio.listen(0.5)
      studio.calls.items[0]?.hangUp()
      await phone.event('CALL_CLOSED')
      assert.deepEqual(studio.ended.items, ['hung-up'])
    })
  })

  test('digest', async () => {
    const studio = await Studio.start({
      trunks: [{ kind: 'digest', name: 'softphone', username: 'ana', password: 'correct-horse' }],
    })
    const phone = await Baresip.start({ codec: 'PCMU', says, account: ';auth_user=ana;auth_pass=correct-horse' })
    try {
      phone.command('dial', studio.uri())
      await phone.event('CALL_ESTABLISHED')
      assert.equal(studio.calls.items[0]?.info.trunk, 'softphone')
    } finally {
      await phone.stop()
      await studio.stop()
    }
  })
})
