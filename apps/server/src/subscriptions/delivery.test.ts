import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { openBench } from '../../test/test-chat.ts'
import { addMillis, instantFromMillis, millisOf } from '../common/instant.ts'
import { backoffMs, decide, givesUpAfterMs, readRetryAfter } from './delivery.ts'
import { DeliveryWorker } from './delivery-worker.ts'
import { type Post, PostError } from './post.ts'
import type { Subscription } from './subscription.ts'
import { SubscriptionStore } from './subscription-store.ts'

const hour = 3_600_000

test('pauses grow, never beyond ten minutes, and a receiver may ask for longer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, spread) => {
      const pause = backoffMs(failures, spread)
      assert.ok(pause >= 900 && pause <= 660_000)
      assert.ok(backoffMs(failures + 1, spread) >= pause)
    }),
  )
  const now = instantFromMillis(Date.UTC(2026, 0, 1))
  const failed = { ok: false, status: 503, error: 'x' } as const
  const after = (retryAfter?: string) => {
    const decision = decide(retryAfter === undefined ? failed : { ...failed, retryAfter }, { failures: 0, now, spread: 0.5 })
    return decision.kind === 'retry' ? millisOf(decision.at) - millisOf(now) : -1
  }
  assert.deepEqual([after(), after('30'), after('99999'), after('soon')], [1000, 30_000, hour, 1000])
  assert.equal(after('Thu, 01 Jan 2026 00:00:20 GMT'), 20_000)
  assert.deepEqual(decide({ ok: true, status: 202 }, { failures: 9, now, spread: 0 }), { kind: 'delivered' })
  fc.assert(fc.property(fc.string(), (text) => assert.ok(readRetryAfter(text, 0) >= 0)))
})

/** A receiver that does what it is told, and remembers. */
class Receiver {
  mode: 'accept' | 'refuse' | 'silent' | 'crash' = 'accept'
  readonly accepted: string[] = []
  mostAtOnce = 0
  #open = 0

  readonly post: Post = async ({ body }) => {
    this.#open += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open)
    await new Promise((resolve) => setImmediate(resolve))
    this.#open -= 1
    if (this.mode === 'silent') throw new PostError('no answer in time')
    if (this.mode === 'refuse') return { status: 500, contentType: '', body: '', retryAfter: undefined }
    for (const { id, lifecycleEvent } of (JSON.parse(body) as { value: { id: string; lifecycleEvent?: string }[] }).value) {
      if (!this.accepted.includes(id ?? lifecycleEvent)) this.accepted.push(id ?? lifecycleEvent!)
    }
    // The receiver has it, and our process dies before it is written down.
    if (this.mode === 'crash') throw new Error('the process died')
    return { status: 202, contentType: '', body: '', retryAfter: undefined }
  }
}

async function open(t: TestContext) {
  const bench = await openBench(t)
  const { context, clock, tenantId } = bench
  const subscribe = async (store: SubscriptionStore, more: Partial<Subscription> = {}): Promise<Subscription> => {
    const now = clock.now()
    const subscription: Subscription = {
      ...{ id: crypto.randomUUID(), tenant_id: tenantId, app_id: 'app', creator_id: 'c', creator_kind: 'app', external: 1 },
      ...{ resource: 'chats/x/messages', kind: 'chatMessages', meeting_id: 'm', user_id: null, change_types: 'created' },
      ...{ notification_url: 'https://r.example/', lifecycle_url: 'https://r.example/life', client_state: 's', include_data: 0 },
      ...{ certificate: null, certificate_id: null, tls_version: 'v1_2', created_at: now, renewed_at: now },
      ...{ expires_at: addMillis(now, 72 * hour), reminded_for: null, removed_at: null, limit_key: null },
      ...{ next_attempt_at: null, failures: 0, claimed_by: null, claimed_until: null, ...more },
    }
    assert.equal(await store.insert(subscription), true)
    return subscription
  }
  const worker = (store: SubscriptionStore, receiver: Receiver) =>
    new DeliveryWorker({
      ...{ name: crypto.randomUUID(), store, post: receiver.post, clock, allowPrivate: true, random: () => 0.5 },
      ...{ sign: async () => 'jwt', isAlive: async () => true },
      onError: () => undefined,
    })
  return { ...bench, store: new SubscriptionStore(context.db, clock), subscribe, worker }
}

const notice = (name: string) =>
  ({ type: 'change', event: 'created', resource: name, resourceData: { id: name }, content: null }) as const

const actions = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('tell' as const), count: fc.integer({ min: 1, max: 25 }) }),
    fc.record({ do: fc.constant('lifecycle' as const) }),
    fc.record({
      do: fc.constant('mode' as const),
      mode: fc.constantFrom('accept' as const, 'refuse' as const, 'silent' as const, 'crash' as const),
    }),
    fc.record({ do: fc.constant('drain' as const), workers: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
  ),
  { maxLength: 14 },
)

test('whatever receivers, processes and crashes do: everything arrives, in order, one POST at a time', async (t) => {
  const { store, subscribe, worker, clock, context } = await open(t)
  await fc.assert(
    fc.asyncProperty(actions, async (script) => {
      const subscription = await subscribe(store)
      const receiver = new Receiver()
      for (const action of script) {
        if (action.do === 'tell')
          for (let index = 0; index < action.count; index++) await store.enqueue(subscription, notice(`n${index}`))
        if (action.do === 'lifecycle') await store.enqueue(subscription, { type: 'lifecycle', event: 'reauthorizationRequired' })
        if (action.do === 'mode') receiver.mode = action.mode
        if (action.do === 'wait') clock.move(action.seconds * 1000)
        if (action.do === 'drain')
          await Promise.all(
            Array.from({ length: action.workers }, () =>
              worker(store, receiver)
                .drain()
                .catch(() => undefined),
            ),
          )
      }
      receiver.mode = 'accept'
      // Past every pause and every lease of a dead process.
      for (let round = 0; round < 3; round++) {
        clock.move(700_000)
        await worker(store, receiver).drain()
      }
      assert.ok(receiver.mostAtOnce <= 1, 'one POST at a time for a subscription')
      const rows = await context.db
        .selectFrom('notifications')
        .selectAll()
        .where('subscription_id', '=', subscription.id)
        .orderBy('seq')
        .execute()
      assert.deepEqual([...new Set(rows.map(({ state }) => state))], rows.length === 0 ? [] : ['delivered'])
      const changes = rows.filter(({ type }) => type === 'change').map(({ id }) => id)
      assert.deepEqual(
        receiver.accepted.filter((id) => id !== 'reauthorizationRequired'),
        changes,
      )
      const row = await context.db
        .selectFrom('subscriptions')
        .selectAll()
        .where('id', '=', subscription.id)
        .executeTakeFirstOrThrow()
      assert.deepEqual([row.next_attempt_at, row.claimed_by, row.failures], [null, null, 0])
    }),
    { numRuns: 25 },
  )
})

test('after four hours a notice is dropped, and those behind it go on', async (t) => {
  const { store, subscribe, worker, clock, context, tenantId } = await open(t)
  const subscription = await subscribe(store)
  const receiver = new Receiver()
  receiver.mode = 'refuse'
  await store.enqueue(subscription, notice('old'))
  for (let round = 0; round < 40; round++) {
    await worker(store, receiver).drain()
    clock.move(givesUpAfterMs / 39)
  }
  await store.enqueue(subscription, notice('new'))
  receiver.mode = 'accept'
  clock.move(700_000)
  await worker(store, receiver).drain()
  const log = await context.subscriptions.log.deliveries(tenantId)
  assert.deepEqual(
    log.map(({ resource, state, lastError, lastStatus }) => [resource, state, lastError, lastStatus]),
    [
      ['new', 'delivered', null, 202],
      ['old', 'dropped', 'given up after four hours', null],
    ],
  )
})

test('deleting drops what is queued; the log tells an administrator without secrets', async (t) => {
  const { store, subscribe, worker, context, tenantId } = await open(t)
  const subscription = await subscribe(store, { notification_url: 'https://r.example/hook?key=secret' })
  const receiver = new Receiver()
  await store.enqueue(subscription, notice('x'))
  const [seen] = await context.subscriptions.log.subscriptions(tenantId)
  assert.deepEqual([seen!.queued, seen!.receiver, seen!.endedDateTime], [1, 'r.example', null])
  assert.doesNotMatch(JSON.stringify(seen), /secret/)
  assert.equal(await store.remove(subscription.id, 'the subscription was removed'), true)
  await worker(store, receiver).drain()
  assert.deepEqual(receiver.accepted, [])
  assert.equal((await context.subscriptions.log.deliveries(tenantId))[0]!.state, 'dropped')
})

test('a term is reminded of once, and again after it was renewed', async (t) => {
  const { store, subscribe, clock, context } = await open(t)
  const subscription = await subscribe(store, { app_id: 'a', expires_at: addMillis(clock.now(), 2 * hour) })
  const reminders = async () => {
    await context.subscriptions.sweep()
    return (await store.queued(subscription.id, 10)).map(({ event }) => event)
  }
  assert.deepEqual(await reminders(), [])
  clock.move(hour + 1)
  assert.deepEqual(await reminders(), ['reauthorizationRequired'])
  assert.deepEqual(await reminders(), ['reauthorizationRequired'])
  await store.renew(subscription.id, { expiresAt: addMillis(clock.now(), 2 * hour) })
  assert.equal((await reminders()).length, 1)
  clock.move(hour + 1)
  assert.equal((await reminders()).length, 2)
  clock.move(24 * 8 * hour)
  await context.subscriptions.sweep()
  const left = await context.db.selectFrom('subscriptions').select('id').execute()
  assert.deepEqual(left, [], 'forgotten a week after its end')
})
