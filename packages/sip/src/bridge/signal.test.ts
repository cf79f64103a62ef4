import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MediaSectionsRequirement, SessionDescription, SignalResponse } from '@livekit/protocol'
import fc from 'fast-check'
import { firstField, signalUrl } from './signal.ts'

test('the field of a message is told without reading the message', () => {
  const answer = new SignalResponse({ message: { case: 'answer', value: new SessionDescription({ sdp: 'x' }) } })
  const need = new SignalResponse({ message: { case: 'mediaSectionsRequirement', value: new MediaSectionsRequirement() } })
  assert.equal(firstField(answer.toBinary()), 2)
  assert.equal(firstField(need.toBinary()), 25)
  assert.equal(firstField(new Uint8Array()), 0)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 6 }), (data) => Number.isInteger(firstField(data))))
})

test('signalling is found below the address of the server, by WebSocket', () => {
  assert.equal(signalUrl('https://media.example/live/').href, 'wss://media.example/live/rtc/v1')
  assert.equal(signalUrl('http://127.0.0.1:7880').href, 'ws://127.0.0.1:7880/rtc/v1')
  assert.equal(signalUrl('wss://media.example').href, 'wss://media.example/rtc/v1')
})
