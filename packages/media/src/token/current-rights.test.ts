import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ParticipantPermission } from '@livekit/protocol'
import fc from 'fast-check'
import { CurrentRights } from './current-rights.ts'
import { type Grants, permissionOf, readGrants } from './grants.ts'
import { Revocations } from './revocations.ts'

const tokenOf = (nbf: number, canPublish: boolean): Grants =>
  readGrants('key', {
    sub: 'eve',
    nbf,
    name: 'Eve',
    metadata: 'of the token',
    attributes: { role: 'presenter' },
    video: { roomJoin: true, room: 'r', canPublish, canSubscribe: true },
  })

test('of any changes and tokens, what was said last counts, for each right by itself', () => {
  const change = fc.record({
    kind: fc.constant('change' as const),
    permission: fc.option(
      fc
        .record({ canPublish: fc.boolean(), canSubscribe: fc.boolean(), canPublishData: fc.boolean() })
        .map((permission) => new ParticipantPermission(permission)),
      { nil: undefined },
    ),
    name: fc.constantFrom('', 'Heidi', 'Eva'),
    metadata: fc.constantFrom('', 'm'),
    attributes: fc.dictionary(fc.constantFrom('role', 'hand'), fc.constantFrom('', 'attendee', 'up'), { maxKeys: 2 }),
    isUndone: fc.boolean(),
    wait: fc.nat(2),
  })
  const token = fc.record({ kind: fc.constant('token' as const), canPublish: fc.boolean(), wait: fc.nat(2) })
  fc.assert(
    fc.property(fc.array(fc.oneof(change, token), { minLength: 1, maxLength: 20 }), (steps) => {
      const rights = new CurrentRights()
      let now = 1_000
      const tokens: Grants[] = [tokenOf(0, true)]
      const changes: { at: number; change: Omit<Extract<(typeof steps)[number], { kind: 'change' }>, 'kind'> }[] = []
      for (const step of steps) {
        now += step.wait
        if (step.kind === 'token') tokens.push(tokenOf(now, step.canPublish))
        else {
          const undo = rights.change('r', 'eve', step, now)
          if (step.isUndone) undo()
          else changes.push({ at: now, change: step })
        }
        for (const grants of tokens) {
          const since = changes.filter(({ at }) => at >= grants.notBefore).map((item) => item.change)
          const is = rights.apply('r', grants)
          const permission = since.findLast((item) => item.permission !== undefined)?.permission
          const expected = permission ?? permissionOf(grants)
          for (const name of ['canPublish', 'canSubscribe', 'canPublishData'] as const) assert.equal(is[name], expected[name])
          assert.equal(is.name, since.findLast(({ name }) => name !== '')?.name ?? grants.name)
          assert.equal(is.metadata, since.findLast(({ metadata }) => metadata !== '')?.metadata ?? grants.metadata)
          for (const key of ['role', 'hand']) {
            const value = since.findLast(({ attributes }) => key in attributes)?.attributes[key] ?? grants.attributes[key]
            assert.equal(is.attributes[key], value === '' ? undefined : value)
          }
        }
      }
      assert.equal(rights.apply('other', tokens[0]!), tokens[0])
      assert.equal(rights.apply('r', { ...tokens[0]!, identity: 'ana' }).name, 'Eve')
    }),
    { numRuns: 300, seed: 20_260_806 },
  )
})

test('what was revoked until a later time stays so when it is revoked again', () => {
  const revocations = new Revocations()
  revocations.revoke('r', 'ana', 500)
  revocations.revoke('r', 'ana', 100)
  assert.equal(revocations.isRevoked('r', 'ana', 400), true)
})
