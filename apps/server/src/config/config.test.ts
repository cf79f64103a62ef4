import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decide } from './config.ts'
import { SettingError, settings } from './settings.ts'
import { readmeIsCurrent } from './settings-table.ts'

test('defaults: loopback, the demo, links over http on this machine', () => {
  const config = decide({})
  assert.deepEqual([config.host, config.port, config.httpsPort, config.demo], ['127.0.0.1', 8080, 8443, true])
  assert.equal(config.publicUrl, 'http://localhost:8080')
  assert.equal(config.issuerBase, 'https://localhost:8443')
  assert.ok(config.dialin.tollNumber!.includes('55501'), 'a number reserved for fiction')
})

test('on another host no demo, no numbers, links over https', () => {
  const config = decide({ PARLEY_HOST: '0.0.0.0' })
  assert.deepEqual([config.demo, config.dialin.tollNumber, config.dialin.tollFreeNumber], [false, null, null])
  assert.match(config.publicUrl, /^https:/)
  assert.equal(decide({ PARLEY_HOST: '0.0.0.0', PARLEY_DEMO: '1' }).demo, true)
})

test('a public address is the issuer when it is https', () => {
  const config = decide({ PARLEY_PUBLIC_URL: 'https://meet.example.org/' })
  assert.deepEqual([config.publicUrl, config.issuerBase], ['https://meet.example.org', 'https://meet.example.org'])
  assert.equal(decide({ PARLEY_PUBLIC_URL: 'http://meet.example.org' }).issuerBase, 'https://localhost:8443')
})

test('an outside media server needs its key and secret', () => {
  assert.throws(() => decide({ PARLEY_MEDIA_URL: 'wss://livekit.example' }), /PARLEY_MEDIA_KEY/)
  assert.throws(() => decide({ PARLEY_MEDIA_KEY: 'k', PARLEY_MEDIA_SECRET: 's' }), /PARLEY_MEDIA_URL/)
  assert.throws(() => decide({ PARLEY_MEDIA_ADDRESSES: 'a.example' }), /PARLEY_MEDIA_ADDRESSES/)
})

test('trusted proxies are addresses and networks', () => {
  assert.deepEqual(decide({}).trustedProxies, [])
  const given = '10.0.0.0/8, 127.0.0.1,::1,2001:db8::/32'
  assert.deepEqual(decide({ PARLEY_TRUSTED_PROXIES: given }).trustedProxies, ['10.0.0.0/8', '127.0.0.1', '::1', '2001:db8::/32'])
  for (const wrong of ['all', '10.0.0.0/33', 'proxy.example', '10.0.0', '::1/129'])
    assert.throws(() => decide({ PARLEY_TRUSTED_PROXIES: wrong }), /PARLEY_TRUSTED_PROXIES/)
})

test('media workers take consecutive ports, which must exist', () => {
  assert.equal(decide({}).media.workers, 1)
  assert.equal(decide({ PARLEY_MEDIA_WORKERS: '4' }).media.workers, 4)
  for (const workers of ['0', '17', 'all']) assert.throws(() => decide({ PARLEY_MEDIA_WORKERS: workers }), /PARLEY_MEDIA_WORKERS/)
  assert.throws(() => decide({ PARLEY_MEDIA_PORT: '65535', PARLEY_MEDIA_WORKERS: '2' }), /PARLEY_MEDIA_WORKERS/)
})

test('whatever a setting holds, it is decided or refused in one line', () => {
  const names = Object.keys(settings)
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.string(), fc.integer().map(String), fc.webUrl(), fc.json())),
      (env) => {
        try {
          decide(env)
        } catch (error) {
          assert.ok(error instanceof SettingError, String(error))
          assert.match(error.message, /^PARLEY_[A-Z_]+ /)
        }
      },
    ),
  )
})

test('the README lists every setting as it is', () => {
  assert.ok(readmeIsCurrent(false), 'run: npm run docs')
})
