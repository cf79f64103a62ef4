import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Invitations } from './invitations.ts'

const meeting = { id: 'm1', attendees: [{ identity: null, upn: 'Olivia@Elsewhere.example' }] }

test('a link speaks for its address in its meeting, while the address is invited, and for nothing else', () => {
  const invitations = new Invitations('secret of a test')
  const token = invitations.tokenFor(meeting, 'olivia@elsewhere.example')
  assert.equal(invitations.addressOf(meeting, token), 'olivia@elsewhere.example')
  assert.equal(invitations.addressOf({ ...meeting, id: 'm2' }, token), undefined)
  assert.equal(invitations.addressOf({ ...meeting, attendees: [] }, token), undefined)
  assert.equal(new Invitations('another secret').addressOf(meeting, token), undefined)
  const [, signature] = token.split('.')
  const other = Buffer.from('heidi@parley.example').toString('base64url')
  assert.equal(invitations.addressOf(meeting, `${other}.${signature}`), undefined)
  fc.assert(fc.property(fc.string(), (text) => assert.equal(invitations.addressOf(meeting, text), undefined)))
})
