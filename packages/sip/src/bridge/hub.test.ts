import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type HubMember, hubOf, RoomHub } from './hub.ts'

class Member implements HubMember {
  readonly identity: string
  subscribed = 0
  room: number[] = []
  constructor(identity: string) {
    this.identity = identity
  }
  subscribe(): void {
    this.subscribed++
  }
  roomFrames(): Int16Array[] {
    return this.room.map((sample) => Int16Array.of(sample))
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

test('over some beats everyone hears all that others said and nothing of its own', () => {
  const sample = fc.integer({ min: 1, max: 1_000 })
  fc.assert(
    fc.property(fc.array(fc.array(fc.option(sample), { minLength: 4, maxLength: 4 }), { maxLength: 20 }), (beats) => {
      const hub = new RoomHub(() => {})
      const members = Array.from({ length: 4 }, (_, index) => new Member(String(index)))
      for (const member of members) hub.join(member)
      const said = [0, 0, 0, 0]
      const heard = [0, 0, 0, 0]
      // Two more beats of silence bring what is under way to its end.
      for (const beat of [...beats, [null, null, null, null], [null, null, null, null]]) {
        for (const [index, member] of members.entries()) {
          const value = beat[index]
          if (value) {
            said[index]! += value
            hub.say(member, Int16Array.of(value))
          }
          heard[index]! += hub.hear(member)?.[0] ?? 0
        }
      }
      const all = said.reduce((sum, value) => sum + value, 0)
      assert.deepEqual(
        heard,
        said.map((own) => all - own),
      )
    }),
  )
})

test('members hear the room through the one that listens, saturated; all silent is nothing', () => {
  const hub = new RoomHub(() => {})
  const [a, b] = [new Member('a'), new Member('b')]
  hub.join(a)
  hub.join(b)
  a.room = [30_000, 9_000]
  b.room = [1]
  assert.deepEqual([hub.hear(a), hub.hear(b)], [Int16Array.of(32_767), Int16Array.of(32_767)])
  a.room = []
  assert.deepEqual([hub.hear(a), hub.hear(b)], [undefined, undefined])
  hub.leave(a)
  assert.equal(b.subscribed, 1)
  assert.deepEqual(hub.hear(b), Int16Array.of(1))
  assert.equal(hub.hear(a), undefined)
})

test('who speaks without being heard for a while is heard with what it said last', () => {
  const hub = new RoomHub(() => {})
  const [a, b] = [new Member('a'), new Member('b')]
  hub.join(a)
  hub.join(b)
  for (let sample = 1; sample <= 10; sample++) hub.say(a, Int16Array.of(sample))
  assert.deepEqual(
    [hub.hear(b), hub.hear(b), hub.hear(b), hub.hear(b)].map((frame) => frame?.[0]),
    [8, 9, 10, undefined],
  )
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
