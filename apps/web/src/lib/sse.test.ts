import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createStreamParser, type StreamEvent } from './sse.ts'

test('events, comments, several data lines, missing names', () => {
  const parse = createStreamParser()
  assert.deepEqual(parse(': hello\n\nevent: chat\ndata: {"a":1}\n\ndata: x\ndata: y\n\nevent: empty\n\n'), [
    { event: 'chat', data: '{"a":1}' },
    { event: 'message', data: 'x\ny' },
  ])
})

test('however the stream is cut, the events are the same, with every kind of line end', () => {
  const line = fc.string({ maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, ''))
  const event = fc.record({ event: line.filter((text) => text !== ''), data: line }, { noNullPrototype: true })
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat(12), { minLength: 1, maxLength: 40 }),
      (events, end, cuts) => {
        const text = `${events.map(({ event, data }) => `event: ${event}${end}data: ${data}${end}${end}`).join('')}`
        const parse = createStreamParser()
        const found: StreamEvent[] = []
        let at = 0
        for (let i = 0; at < text.length; i += 1) {
          const next = at + (cuts[i % cuts.length] ?? 1) + 1
          found.push(...parse(text.slice(at, next)))
          at = next
        }
        assert.deepEqual(found, events)
      },
    ),
  )
})
