import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConferenceMixer, type MixerMember, mixerOf } from './conference-mixer.ts'

class Member implements MixerMember {
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
      const mixer = new ConferenceMixer(() => {})
      const members = Array.from({ length: 6 }, (_, index) => new Member(String(index)))
      const inside = new Set<Member>()
      for (const turn of turns) {
        const member = members[turn]!
        if (inside.delete(member)) mixer.leave(member)
        else {
          inside.add(member)
          mixer.join(member)
        }
        assert.equal([...inside].filter((other) => mixer.isListener(other)).length, Math.min(1, inside.size))
        for (const other of members) assert.equal(mixer.has(other.identity), inside.has(other))
      }
    }),
  )
})

test('over some beats everyone hears all that others said and nothing of its own', () => {
  const sample = fc.integer({ min: 1, max: 1_000 })
  fc.assert(
    fc.property(fc.array(fc.array(fc.option(sample), { minLength: 4, maxLength: 4 }), { maxLength: 20 }), (beats) => {
      const mixer = new ConferenceMixer(() => {})
      const members = Array.from({ length: 4 }, (_, index) => new Member(String(index)))
      for (const member of members) mixer.join(member)
      const said = [0, 0, 0, 0]
      const heard = [0, 0, 0, 0]
      // Two more beats of silence bring what is under way to its end.
      for (const beat of [...beats, [null, null, null, null], [null, null, null, null]]) {
        for (const [index, member] of members.entries()) {
          const value = beat[index]
          if (value) {
            said[index]! += value
            mixer.say(member, Int16Array.of(value))
          }
          heard[index]! += mixer.hear(member)?.[0] ?? 0
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
  const mixer = new ConferenceMixer(() => {})
  const [a, b] = [new Member('a'), new Member('b')]
  mixer.join(a)
  mixer.join(b)
  a.room = [30_000, 9_000]
  b.room = [1]
  assert.deepEqual([mixer.hear(a), mixer.hear(b)], [Int16Array.of(32_767), Int16Array.of(32_767)])
  a.room = []
  assert.deepEqual([mixer.hear(a), mixer.hear(b)], [undefined, undefined])
  mixer.leave(a)
  assert.equal(b.subscribed, 1)
  assert.deepEqual(mixer.hear(b), Int16Array.of(1))
  assert.equal(mixer.hear(a), undefined)
})

test('who speaks without being heard for a while is heard with what it said last', () => {
  const mixer = new ConferenceMixer(() => {})
  const [a, b] = [new Member('a'), new Member('b')]
  mixer.join(a)
  mixer.join(b)
  for (let sample = 1; sample <= 10; sample++) mixer.say(a, Int16Array.of(sample))
  assert.deepEqual(
    [mixer.hear(b), mixer.hear(b), mixer.hear(b), mixer.hear(b)].map((frame) => frame?.[0]),
    [8, 9, 10, undefined],
  )
})

test('a mixer is shared by room and rate, and forgotten when empty', () => {
  const token = (room: string, who: string) =>
    `x.${Buffer.from(JSON.stringify({ sub: who, video: { room } })).toString('base64url')}.y`
  const mixer = mixerOf('ws://a', token('r', 'one'), 8_000)
  const member = new Member('one')
  mixer.join(member)
  assert.equal(mixerOf('ws://a', token('r', 'two'), 8_000), mixer)
  assert.notEqual(mixerOf('ws://a', token('r', 'two'), 16_000), mixer)
  assert.notEqual(mixerOf('ws://a', token('s', 'two'), 8_000), mixer)
  assert.notEqual(mixerOf('ws://a', 'unreadable', 8_000), mixerOf('ws://a', 'unreadable', 8_000))
  mixer.leave(member)
  assert.notEqual(mixerOf('ws://a', token('r', 'one'), 8_000), mixer)
})
