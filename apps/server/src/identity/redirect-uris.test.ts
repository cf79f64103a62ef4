import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DirectoryError } from './directory-error.ts'
import { checkedRedirectUris, isNative } from './redirect-uris.ts'

test('https, this machine, and schemes of applications', () => {
  const uris = [
    'https://app.example/back?x=1',
    'http://localhost',
    'http://127.0.0.1:8400/cb',
    'com.example.app://auth',
    'msal123://auth',
  ]
  assert.deepEqual(checkedRedirectUris([...uris, uris[0]!]), uris)
})

test('whatever could carry a code elsewhere is refused', () => {
  for (const uri of [
    'http://app.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://app.example/#x',
    'https://user:pass@app.example/',
    'https://*.example/',
    'file:///etc/passwd',
    '/back',
    '',
    'https://app.example/a b',
  ])
    assert.throws(() => checkedRedirectUris([uri]), DirectoryError, uri)
})

test('native are those of the machine itself and of own schemes', () => {
  assert.equal(isNative(['http://localhost', 'app://x']), true)
  assert.equal(isNative(['https://app.example/']), true)
  assert.equal(isNative(['https://localhost:3000/']), false)
})

test('property: any text is taken as an address or refused with DirectoryError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), (uri) => {
      try {
        for (const taken of checkedRedirectUris([uri])) assert.ok(URL.canParse(taken))
      } catch (error) {
        assert.ok(error instanceof DirectoryError)
      }
    }),
  )
})
