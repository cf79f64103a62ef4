import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { threadId } from '../../meetings/links.ts'
import { GraphError } from '../errors.ts'
import { decodeMeetingId, encodeMeetingId } from './meeting-id.ts'

const meeting = fc.record({ organizerId: fc.uuid(), threadGuid: fc.uuid() })

test('an id is read in base64, base64url, as the text inside, and in the form of 2019', () => {
  fc.assert(
    fc.property(meeting, (given) => {
      const id = encodeMeetingId(given)
      const plain = Buffer.from(id, 'base64').toString()
      const old = `${given.organizerId}_${threadId(given.threadGuid, 'thread.skype')}`
      for (const form of [id, Buffer.from(plain).toString('base64url'), plain, old, Buffer.from(old).toString('base64')])
        assert.deepEqual(decodeMeetingId(form), { ...given })
    }),
  )
})

test('any other text is refused with the words of Graph', () => {
  const teams = Buffer.from(`0#${threadId('4a8dd9b0-7e3a-4b8f-9c1b-5a0f6f0d7c11', 'thread.v2')}#0`).toString('base64')
  for (const text of ['', 'x', teams, '!!!', 'MSo='])
    assert.throws(() => decodeMeetingId(text), { message: 'Meeting Id is corrupted.', status: 400, code: 'BadRequest' })
  assert.throws(() => decodeMeetingId('19:meeting_x@thread.v2'), { message: 'Invalid meeting id 19:meeting_x@thread.v2.' })
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        decodeMeetingId(text)
      } catch (error) {
        assert.ok(error instanceof GraphError)
      }
    }),
  )
})
