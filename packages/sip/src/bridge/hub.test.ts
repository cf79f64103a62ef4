import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameQueue } from './frame-queue.ts'
import { type HubMember, hubOf, RoomHub } from './hub.ts'

class Member implements HubMember {
  readonly identity: string
  readonly heard: [object, number][] = []
  readonly forgotten: object[] = []
  subscribed = 0
  constructor(identity: string) {
    this.identity = identity
  }
  subscribe(): void {
    this.subscribed++
  }
  receive(source: object, pcm: Int16Array): void {
    this.heard.push([source, pcm[0]!])
  }
  forget(source: object): void {
    this.forgotten.push(source)
  }
}

test('exactly one member listens, whoever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 40 }), (turns) => {
      const hub = new RoomHub(() => {})
      const members = Array.from({ length: 6 }, (_, index) => new Member(String(index)))
      const inside = new Set<Member>()
      for (const turn of turns) {
        const member = members[turn]!
        if (inside.delete(member)) hub.leave(member)
        else {
          inside.add(member)
          hub.join(member)
        }
        assert.equal([...inside].filter((other) => hub.isListener(other)).length, Math.min(1, inside.size))
        for (const other of members) assert.equal(hub.has(other.identity), inside.has(other))
      }
    }),
  )
})

test('members hear each other and the room, never themselves, and forget who left', () => {
  const hub = new RoomHub(() => {})
  const [a, b] = [new Member('a'), new Member('b')]
  hub.join(a)
  hub.join(b)
  const track = {}
  hub.fromMember(a, Int16Array.of(1))
  hub.fromRoom(track, Int16Array.of(2))
  assert.deepEqual(a.heard, [[track, 2]])
  assert.deepEqual(b.heard, [
    [a, 1],
    [track, 2],
  ])
  hub.leave(a)
  assert.deepEqual(b.forgotten, [a])
  assert.equal(b.subscribed, 1)
})

test('a hub is shared by room and rate, and forgotten when empty', () => {
  const token = (room: string, who: string) =>
    `x.${Buffer.from(JSON.stringify({ sub: who, video: { room } })).toString('base64url')}.y`
  const hub = hubOf('ws://a', token('r', 'one'), 8_000)
  const member = new Member('one')
  hub.join(member)
  assert.equal(hubOf('ws://a', token('r', 'two'), 8_000), hub)
  assert.notEqual(hubOf('ws://a', token('r', 'two'), 16_000), hub)
  assert.notEqual(hubOf('ws://a', token('s', 'two'), 8_000), hub)
  assert.notEqual(hubOf('ws://a', 'unreadable', 8_000), hubOf('ws://a', 'unreadable', 8_000))
  hub.leave(member)
  assert.notEqual(hubOf('ws://a', token('r', 'one'), 8_000), hub)
})

test('a queue gives what it got, in order, and never holds more than it may', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.constant(0)), { maxLength: 60 }), (steps) => {
      const queue = new FrameQueue(8_000, 160)
      let next = 0
      let last = -1
      for (const step of steps) {
        if (step > 0) {
          const part = Int16Array.from({ length: step }, () => next++ % 30_000)
          queue.push(part)
        } else {
          const frame = queue.pull()
          if (!frame) continue
          assert.equal(frame.length, 160)
          for (const sample of frame) {
            const gap = (sample - last + 30_000) % 30_000
            assert.ok(last < 0 || gap >= 1, 'never back')
            last = sample
          }
        }
      }
    }),
  )
})
