import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DigitReceiver, eventKeys, parseInfoDigit, parseTelephoneEvent, type TelephoneEvent } from './dtmf.ts'
import { InbandDtmf } from './dtmf-inband.ts'
import { aLaw, muLaw } from './g711.ts'
import { concatPcm } from './pcm.ts'
import { silence, tone } from './tone.ts'

/** Write a telephone-event payload. */
function formatTelephoneEvent({ digit, end, duration }: TelephoneEvent, volume = 10): Buffer {
  return Buffer.from([eventKeys.indexOf(digit), (end ? 0x80 : 0) | (volume & 0x3f), (duration >> 8) & 0xff, duration & 0xff])
}

const rows = [697, 770, 852, 941]
const columns = [1209, 1336, 1477, 1633]
const keys = '123A456B789C*0#D'
const pair = (digit: string) => [rows[Math.floor(keys.indexOf(digit) / 4)]!, columns[keys.indexOf(digit) % 4]!]

function detected(pcm: Int16Array): string {
  let found = ''
  const detector = new InbandDtmf((digit) => {
    found += digit
  })
  for (let start = 0; start < pcm.length; start += 160) detector.push(pcm.subarray(start, start + 160))
  return found
}

const digit = fc.constantFrom(...keys)

test('tones of at least 50 ms are found in either law, loud or soft, whenever they begin', () => {
  fc.assert(
    fc.property(
      fc.array(digit, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 50, max: 120 }),
      fc.double({ min: 0.03, max: 0.45, noNaN: true }),
      fc.nat(300),
      (digits, length, level, offset) => {
        const presses = digits.flatMap((key) => [tone(8_000, length, pair(key), level), silence(8_000, 60)])
        const pcm = concatPcm([new Int16Array(offset), ...presses, silence(8_000, 60)])
        assert.equal(detected(pcm), digits.join(''))
        assert.equal(detected(muLaw.decode(muLaw.encode(pcm))), digits.join(''))
        assert.equal(detected(aLaw.decode(aLaw.encode(pcm))), digits.join(''))
      },
    ),
    { numRuns: 60 },
  )
})

test('a long press is one press', () => {
  assert.equal(detected(tone(8_000, 3_000, pair('7'), 0.2)), '7')
})

test('single tones, other pairs, noise and music are no digits', () => {
  for (const frequencies of [[697], [1209], [440, 554], [697, 770], [350, 440], [1_000], [697, 1_209, 1_800]]) {
    assert.equal(detected(tone(8_000, 500, frequencies, 0.25)), '', `${frequencies}`)
  }
  let seed = 1
  const noise = Int16Array.from({ length: 80_000 }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 16) - 32_768
  })
  assert.equal(detected(noise), '')
})

test('telephone events come back as they were written', () => {
  fc.assert(
    fc.property(digit, fc.boolean(), fc.nat(65_535), (key, end, duration) => {
      assert.deepEqual(parseTelephoneEvent(formatTelephoneEvent({ digit: key, end, duration })), { digit: key, end, duration })
    }),
  )
})

test('INFO bodies', () => {
  assert.equal(parseInfoDigit('application/dtmf-relay', Buffer.from('Signal=5\r\nDuration=160\r\n')), '5')
  assert.equal(parseInfoDigit('application/dtmf-relay; x=y', Buffer.from('Signal= *\nDuration=1')), '*')
  assert.equal(parseInfoDigit('application/dtmf', Buffer.from('11')), '#')
  assert.equal(parseInfoDigit('application/dtmf', Buffer.from('hello')), undefined)
  assert.equal(parseInfoDigit('text/plain', Buffer.from('5')), undefined)
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseInfoDigit('application/dtmf-relay', Buffer.from(bytes))))
})

test('one press is counted once, by whichever ways it comes, lost and doubled packets included', () => {
  fc.assert(
    fc.property(
      fc.array(digit, { minLength: 1, maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 66, maxLength: 66 }),
      (digits, lost) => {
        const found: string[] = []
        const receiver = new DigitReceiver((key) => found.push(key))
        digits.forEach((key, press) => {
          for (let packet = 0; packet < 11; packet++) {
            // At least the first packet of each press arrives, some arrive twice.
            if (packet > 0 && lost[press * 11 + packet]) continue
            const event = formatTelephoneEvent({ digit: key, end: packet > 7, duration: packet * 160 })
            receiver.event(event, press * 5_000)
            if (packet % 3 === 0) receiver.event(event, press * 5_000)
          }
          receiver.audio(tone(8_000, 100, pair(key), 0.2))
          receiver.audio(silence(8_000, 80))
        })
        assert.deepEqual(found, digits)
      },
    ),
    { numRuns: 50 },
  )
})
