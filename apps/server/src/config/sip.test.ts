import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SettingError } from './settings.ts'
import { decideSip } from './sip.ts'

const trunks = (...list: object[]) =>
  decideSip({ PARLEY_SIP_PORT: '5060', PARLEY_SIP_TRUNKS: JSON.stringify(list) }, false)!.trunks
const refuses = (trunk: object, what: RegExp) =>
  assert.throws(
    () => trunks(trunk),
    (error: Error) => {
      assert.ok(error instanceof SettingError)
      assert.match(error.message, what)
      assert.equal(error.message.includes('secret'), false, 'passwords are not quoted')
      return true
    },
  )

test('off unless in the demo or with a port; the demo takes calls of this machine only', () => {
  assert.equal(decideSip({}, false), null)
  assert.equal(decideSip({ PARLEY_SIP_PORT: 'off' }, true), null)
  const demo = decideSip({}, true)!
  assert.deepEqual([demo.port, demo.required, demo.speech], [5060, false, 'installed'])
  assert.deepEqual(demo.trunks, [{ kind: 'address', name: 'loopback', addresses: ['127.0.0.0/8', '::1'] }])
  assert.deepEqual(decideSip({ PARLEY_SIP_PORT: '5070' }, false)!.trunks, [], 'elsewhere nobody')
  assert.throws(() => decideSip({ PARLEY_SIP_TRUNKS: '[]' }, false), /needs PARLEY_SIP_PORT/)
})

test('trunks of every kind, with all their members', () => {
  const list = [
    { kind: 'address', name: 'a', addresses: ['198.51.100.0/28', '2001:db8::1'], srtp: 'required', codecs: ['PCMA'] },
    { kind: 'digest', name: 'b', username: 'b', password: 'secret', codecs: ['opus', 'PCMU'] },
    {
      ...{ kind: 'registration', name: 'c', registrar: 'sip.example.net:5061', transport: 'tls', username: '34900' },
      ...{ password: 'secret', authUsername: 'auth', domain: 'example.net', expires: 600, addresses: ['203.0.113.7'] },
    },
  ]
  assert.deepEqual(trunks(...list), list)
})

test('a trunk with something wrong is refused with the name of what it is', () => {
  const digest = { kind: 'digest', name: 'b', username: 'b', password: 'secret' }
  refuses({ ...digest, kind: 'constructor' }, /"kind"/)
  refuses({ ...digest, pasword: 'x' }, /"pasword" is no member of a trunk by digest/)
  refuses({ ...digest, password: '' }, /"password" must be text/)
  refuses({ ...digest, srtp: true }, /"srtp" must be one of off, optional, required/)
  refuses({ ...digest, codecs: ['G729'] }, /"codecs"/)
  refuses({ kind: 'address', name: 'a', addresses: [] }, /"addresses"/)
  refuses({ kind: 'address', name: 'a', addresses: ['198.51.100.0/40'] }, /"addresses"/)
  refuses({ kind: 'address', name: 'a', addresses: ['sip.example.net'] }, /"addresses"/)
  refuses({ ...digest, kind: 'registration' }, /"registrar"/)
  refuses({ ...digest, kind: 'registration', registrar: 'r', transport: 'sctp' }, /"transport"/)
  refuses({ ...digest, kind: 'registration', registrar: 'r', expires: 5 }, /"expires"/)
  assert.throws(() => trunks(digest, digest), /two trunks "b"/)
})

test('the engine of speech is a program with arguments, or none', () => {
  const speech = (value: string) => decideSip({ PARLEY_SPEECH_COMMAND: value }, true)!.speech
  assert.deepEqual(speech(' /opt/say  --lang {lang} '), ['/opt/say', '--lang', '{lang}'])
  assert.equal(speech('off'), null)
  assert.throws(() => speech('  '), SettingError)
})
