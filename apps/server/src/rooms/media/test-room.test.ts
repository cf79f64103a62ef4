import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newTestRoom, testRoomMadeAt } from './test-room.ts'

test('a test room tells when it was made; a meeting is none', () => {
  const now = Date.now()
  assert.equal(testRoomMadeAt(newTestRoom(now)), now)
  assert.notEqual(newTestRoom(now), newTestRoom(now))
  for (const room of ['', randomUUID(), 'connection-test-', `x${newTestRoom(now)}`, `${newTestRoom(now)}0`])
    assert.equal(testRoomMadeAt(room), undefined)
})
