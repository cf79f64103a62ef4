import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { formatRtp, ntpTime, parseRtp, readReports, writeReport } from '@parley/rtp'
import fc from 'fast-check'
import { guessIndex, SrtpContext, type SrtpSuite } from './srtp.ts'
import { counterBlock, deriveKeys } from './srtp-keys.ts'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const suites: SrtpSuite[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32']
const packetOf = (sequence: number, payload: Uint8Array, ssrc = 7) =>
  formatRtp({ marker: false, payloadType: 0, sequence, timestamp: sequence * 160, ssrc, payload: Buffer.from(payload) })

test('keys are derived as in RFC 3711 appendix B.3', () => {
  const keys = deriveKeys(hex('E1F97A0D3E018BE0D64FA32C06DE4139'), hex('0EC675AD498AFEEBB6960B3AABE6'), false)
  assert.deepEqual(keys.encryption, hex('C61E7A93744F39EE10734AFE3FF7A087'))
  assert.deepEqual(keys.salt, hex('30CBBC08863D8C85D49DB34A9AE1'))
  assert.deepEqual(keys.authentication, hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'))
})

test('the counter block is as in RFC 3711 appendix B.2', () => {
  assert.deepEqual(counterBlock(hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'), 0, 0), hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000'))
})

for (const suite of suites) {
  test(`${suite}: what is protected comes back, once, and only unharmed`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(65_535), fc.nat(), (payload, sequence, spot) => {
        const key = randomBytes(30)
        const [out, into] = [new SrtpContext(suite, key), new SrtpContext(suite, key)]
        const packet = packetOf(sequence, payload)
        const secret = out.protect(packet)
        const harmed = Buffer.from(secret)
        harmed[spot % harmed.length]! ^= 1
        assert.equal(into.unprotect(harmed), undefined)
        assert.deepEqual(into.unprotect(secret), packet)
        assert.equal(into.unprotect(secret), undefined, 'a replay is refused')
      }),
    )
  })
}

test('sequence numbers may wrap many times, with loss and reordering', () => {
  const key = randomBytes(30)
  const [out, into] = [new SrtpContext(suites[0]!, key), new SrtpContext(suites[0]!, key)]
  let held: Buffer | undefined
  for (let index = 65_000; index < 65_000 + 3 * 65_536; index += 1) {
    const secret = out.protect(packetOf(index & 0xffff, Buffer.of(index & 0xff)))
    if (index % 97 === 0) continue
    if (index % 101 === 0) {
      held = secret
      continue
    }
    assert.ok(into.unprotect(secret), `packet ${index}`)
    if (held && index % 101 === 3) {
      assert.ok(into.unprotect(held), `late packet before ${index}`)
      held = undefined
    }
  }
})

test('the index guessed is always the nearest one', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.integer({ min: -30_000, max: 30_000 }), (highest, step) => {
      const index = highest + step
      fc.pre(index >= 0)
      assert.equal(guessIndex(highest, index & 0xffff), index)
    }),
  )
})

test('RTCP is protected both ways', () => {
  const key = randomBytes(30)
  const [out, into] = [new SrtpContext(suites[1]!, key), new SrtpContext(suites[1]!, key)]
  const report = writeReport({ ssrc: 9, ntp: ntpTime(0), timestamp: 1, packets: 2, octets: 3 }, [], 'c')
  const secret = out.protectRtcp(report)
  assert.equal(secret.includes(report.subarray(8, 24)), false)
  assert.deepEqual(into.unprotectRtcp(secret), report)
  assert.equal(into.unprotectRtcp(secret), undefined)
})

test('random bytes are neither RTP trouble nor RTCP trouble', () => {
  const context = new SrtpContext(suites[0]!, randomBytes(30))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      const data = Buffer.from(bytes)
      parseRtp(data)
      readReports(data)
      assert.equal(context.unprotect(data), undefined)
      assert.equal(context.unprotectRtcp(data), undefined)
    }),
    { numRuns: 2_000 },
  )
})

test('RTP comes back as it was written', () => {
  const packet = fc.record({
    marker: fc.boolean(),
    payloadType: fc.nat(127),
    sequence: fc.nat(65_535),
    timestamp: fc.nat(2 ** 31),
    ssrc: fc.nat(2 ** 31),
    payload: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  })
  fc.assert(fc.property(packet, (written) => assert.deepEqual(parseRtp(formatRtp(written)), { ...written })))
})

test('RTCP reports come back as they were written', () => {
  const reception = {
    ssrc: 5,
    fractionLost: 0.25,
    lost: -3,
    highest: 70_000,
    jitter: 11,
    lastSenderReport: 12,
    delaySinceSenderReport: 13,
  }
  const read = readReports(writeReport({ ssrc: 4, ntp: [1, 2], timestamp: 3, packets: 4, octets: 5 }, [reception], 'name', true))
  assert.deepEqual(read, {
    sender: { ssrc: 4, ntp: [1, 2], timestamp: 3, packets: 4, octets: 5 },
    receptions: [reception],
    bye: true,
  })
})
