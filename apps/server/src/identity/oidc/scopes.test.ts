import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OAuthError } from '../oauth-errors.ts'
import { readScopes, resourceScopes, writeScopes } from './scopes.ts'

const origins = ['https://meet.example', 'http://localhost:8080']
const codeOf = (scope: string | null) => {
  try {
    readScopes(scope, origins)
    return undefined
  } catch (error) {
    assert.ok(error instanceof OAuthError)
    return error.code
  }
}

test('scopes by short name, by resource, in any case, with the ones of OpenID', () => {
  assert.deepEqual(readScopes('openid profile offline_access User.Read', origins), ['openid', 'profile', 'offline', 'User.Read'])
  assert.deepEqual(readScopes('https://graph.microsoft.com/user.read', origins), ['User.Read'])
  assert.deepEqual(readScopes('https://meet.example/Chat.Read', origins), ['Chat.Read'])
  assert.ok(readScopes('https://graph.microsoft.com//.default', origins).includes('OnlineMeetings.ReadWrite'))
})

test('what is no scope of ours is refused by number', () => {
  assert.equal(codeOf(''), 'AADSTS900144')
  assert.equal(codeOf(null), 'AADSTS900144')
  assert.equal(codeOf('Mail.Read'), 'AADSTS70011')
  assert.equal(codeOf('offline'), 'AADSTS70011')
  assert.equal(codeOf('https://evil.example/User.Read'), 'AADSTS500011')
})

test('permissions of Graph that are not here are left out, so that what is here is granted', () => {
  const asked = 'OnlineMeetings.Read User.Read User.ReadWrite Calendars.ReadWrite https://graph.microsoft.com/Group.ReadWrite.All'
  assert.deepEqual(readScopes(asked, origins), ['OnlineMeetings.Read', 'User.Read'])
  assert.equal(writeScopes(['User.Read'], 'User.Read https://graph.microsoft.com/Group.ReadWrite.All'), 'User.Read')
  assert.equal(codeOf('User.Read no_such_thing'), 'AADSTS70011')
  assert.equal(codeOf('Calendars.Read Mail.Read'), 'AADSTS70011')
})

test('an answer names what was granted, and what was asked for as it was written, so that caches find it', () => {
  assert.equal(
    writeScopes(['openid', 'offline', 'User.Read'], 'https://graph.microsoft.com/User.Read openid'),
    'openid User.Read https://graph.microsoft.com/User.Read',
  )
  assert.equal(writeScopes(['User.Read'], null), 'User.Read')
  assert.equal(writeScopes(['User.Read'], 'https://graph.microsoft.com/Chat.Read'), 'User.Read')
})

test('property: nothing but known scopes comes out, and nothing but OAuthError is thrown', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('openid', 'User.Read', 'https://graph.microsoft.com/.default', '__proto__', 'constructor'),
  )
  fc.assert(
    fc.property(fc.array(word), (words) => {
      try {
        for (const scope of readScopes(words.join(' '), origins)) assert.ok(resourceScopes.includes(scope))
      } catch (error) {
        assert.ok(error instanceof OAuthError)
      }
    }),
  )
})
