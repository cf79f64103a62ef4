import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatMessage } from '@parley/door-api'
import fc from 'fast-check'
import { DoorClient } from '../../door/client.ts'
import { ChatSession, merge } from './chat-session.ts'

const message = (id: string, second: number, more: Partial<ChatMessage> = {}): ChatMessage => ({
  id,
  from: { identity: 'a', name: 'Ada', you: false, kind: 'guest' },
  text: id,
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  editedAt: null,
  deleted: false,
  replyTo: null,
  mentions: [],
  reactions: [],
  file: null,
  ...more,
})

test('messages come out by time and once, in whatever pieces they come in', () => {
  const one = fc.nat(30).map((n) => message(String(n), n))
  fc.assert(
    fc.property(fc.array(fc.array(one)), (pieces) => {
      const merged = pieces.reduce<ChatMessage[]>(merge, [])
      const wanted = [...new Set(pieces.flat().map((piece) => Number(piece.id)))].sort((a, b) => a - b)
      assert.deepEqual(
        merged.map((piece) => Number(piece.id)),
        wanted,
      )
    }),
  )
})

test('only new messages of others count as unread, and only while the chat is closed', () => {
  const chat = new ChatSession(new DoorClient())
  const unread = () => chat.store.get().unread
  assert.equal(chat.take({ type: 'message', message: message('1', 1) }), true)
  assert.equal(chat.take({ type: 'message', message: message('1', 1) }), false, 'the same message again')
  assert.equal(chat.take({ type: 'updated', message: message('1', 1, { text: 'x' }) }), false)
  assert.equal(
    chat.take({ type: 'message', message: message('2', 2, { from: { identity: 'b', name: 'B', you: true, kind: 'guest' } }) }),
    false,
  )
  assert.equal(unread(), 1)
  chat.setOpen(true)
  assert.equal(unread(), 0)
  assert.equal(chat.take({ type: 'message', message: message('3', 3) }), true)
  assert.equal(unread(), 0)
  chat.take({ type: 'deleted', message: message('3', 3) })
  assert.equal(chat.store.get().messages.at(-1)?.deleted, true)
})
