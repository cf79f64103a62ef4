import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applicationPermissions, delegatedPermissions } from '../../identity/permissions.ts'
import { grantsOf } from './token-grants.ts'

const nothing = undefined
const sees = { takePart: false, readChat: false, writeChat: false }
const takesPart = { takePart: true, readChat: false, writeChat: false }

test('a token of a person opens what its scopes name', () => {
  const found = Object.fromEntries(delegatedPermissions.map((scope) => [scope, grantsOf('user', new Set([scope]))]))
  const enters = Object.entries(found).filter(([, grants]) => grants !== nothing)
  assert.deepEqual(Object.fromEntries(enters), { 'OnlineMeetings.Read': sees, 'OnlineMeetings.ReadWrite': takesPart })
  assert.deepEqual(grantsOf('user', new Set(['OnlineMeetings.Read', 'Chat.Read'])), { ...sees, readChat: true })
  assert.deepEqual(grantsOf('user', new Set(['OnlineMeetings.Read', 'ChatMessage.Send'])), { ...sees, writeChat: true })
  assert.deepEqual(grantsOf('user', new Set(['OnlineMeetings.ReadWrite', 'Chat.ReadWrite'])), {
    takePart: true,
    readChat: true,
    writeChat: true,
  })
})

test('a token of an application opens what its roles name', () => {
  const found = Object.fromEntries(applicationPermissions.map((role) => [role, grantsOf('app', new Set([role]))]))
  const enters = Object.entries(found).filter(([, grants]) => grants !== nothing)
  assert.deepEqual(Object.fromEntries(enters), { 'OnlineMeetings.Read.All': sees, 'OnlineMeetings.ReadWrite.All': takesPart })
  assert.deepEqual(grantsOf('app', new Set(['OnlineMeetings.Read.All', 'Chat.Read.All'])), { ...sees, readChat: true })
})

test('the words of one kind of token mean nothing in the other', () => {
  assert.equal(grantsOf('user', new Set(['OnlineMeetings.ReadWrite.All'])), nothing)
  assert.equal(grantsOf('app', new Set(['OnlineMeetings.ReadWrite'])), nothing)
})
