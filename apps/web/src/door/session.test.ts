import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Admission, Answer, Meeting } from '@parley/door-api'
import { readPageData } from '../page-data.ts'
import { DoorClient, DoorError } from './client.ts'
import { closedBy, DoorSession } from './session.ts'

const admission: Admission & { secret: string } = {
  id: 'a1',
  secret: 's',
  state: 'waiting',
  reason: 'lobby',
  place: 1,
  identity: 'p1',
  name: 'Ada',
  role: 'attendee',
  signedIn: false,
}
const meeting = { subject: 'Plan', state: 'open', policy: { allowChat: true }, locked: false } as Meeting
const ask = { name: 'Ada', lang: 'en', link: { threadId: 't', messageId: '0' }, device: { camera: true, microphone: true } }

type Emit = (event: string, data: unknown) => void

/** A client whose server answers from memory; `emit` sends events on its open stream. */
function fake(answers: { ask: () => Answer; me?: () => Answer }) {
  const client = new DoorClient()
  let listener: Emit = () => undefined
  client.ask = async () => answers.ask()
  client.me = async () => (answers.me ?? answers.ask)()
  client.events = (each, opened, signal) => {
    listener = each
    opened()
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
  }
  return { client, emit: ((event, data) => listener(event, data)) as Emit }
}

test('waiting, let in, and removed', async () => {
  const { client, emit } = fake({ ask: () => ({ admission, meeting }) })
  const door = new DoorSession(client, 'k', null)
  await door.ask(ask)
  assert.equal(door.store.get().admission?.state, 'waiting')
  emit('admission', { state: 'admitted', reason: null, media: { url: 'ws://x', token: 't1' } })
  assert.equal(door.store.get().media?.token, 't1')
  assert.equal(door.store.get().admission?.secret, 's', 'an event without the secret keeps it')
  emit('admission', { state: 'removed', reason: 'removed' })
  assert.equal(door.store.get().closed, 'removed')
  assert.equal(door.store.get().media, null)
})

test('a page that goes says so while its person waits', async () => {
  const { client, emit } = fake({ ask: () => ({ admission, meeting }) })
  let away = 0
  client.away = () => {
    away += 1
  }
  const door = new DoorSession(client, 'gone', null)
  door.away()
  await door.ask(ask)
  door.away()
  assert.equal(away, 1)
  emit('admission', { state: 'admitted', reason: null, media: { url: 'ws://x', token: 't1' } })
  door.away()
  assert.equal(away, 1, 'who is in may lose the net, and is not told of as gone')
})

test('admitted without a token in the event: one is fetched', async () => {
  const media = { url: 'ws://x', token: 'fresh' }
  const { client, emit } = fake({
    ask: () => ({ admission, meeting }),
    me: () => ({ admission: { ...admission, state: 'admitted', reason: null }, meeting, media }),
  })
  const door = new DoorSession(client, 'k', null)
  await door.ask(ask)
  const fetched = new Promise<void>((resolve) => {
    door.store.subscribe(() => door.store.get().media && resolve())
  })
  emit('admission', { state: 'admitted' })
  await fetched
  assert.equal(door.store.get().media?.token, 'fresh')
  await door.leave().catch(() => undefined)
})

test('a cancelled meeting closes the page with its reason, unknown events and names of Object are ignored', async () => {
  const { client, emit } = fake({ ask: () => ({ admission, meeting }) })
  const door = new DoorSession(client, 'k', null)
  await door.ask(ask)
  emit('constructor', {})
  emit('whatever', {})
  emit('room', { policy: { allowChat: true, allowShare: false } })
  assert.deepEqual(door.store.get().meeting?.policy, { allowChat: true, allowShare: false })
  emit('meeting', { ...meeting, state: 'cancelled' })
  assert.equal(door.store.get().closed, 'cancelled')
})

test('a refusal is kept as an error; a closed meeting is a page of its own', async () => {
  const refuse = (code: string, status: number) => {
    const door = new DoorSession(
      fake({
        ask: () => {
          throw new DoorError(code, code, status)
        },
      }).client,
      'k',
      null,
    )
    return door.ask(ask).then(() => door.store.get())
  }
  assert.equal((await refuse('MeetingExpired', 403)).closed, 'expired')
  assert.equal((await refuse('MeetingNotFound', 404)).closed, 'notFound')
  const wrong = await refuse('PasscodeWrong', 403)
  assert.equal(wrong.closed, null)
  assert.equal(wrong.error?.code, 'PasscodeWrong')
})

test('a media token is asked for until there is one, and a final refusal ends the call with the reason', async () => {
  let tries = 0
  const { client } = fake({
    ask: () => ({ admission: { ...admission, state: 'admitted' }, meeting, media: { url: 'u', token: 't' } }),
    me: () => ({ admission: { ...admission, state: 'removed', reason: 'removed' }, meeting }),
  })
  const door = new DoorSession(client, 'k', null)
  await door.ask(ask)
  client.mediaToken = async () => {
    tries += 1
    if (tries < 2) throw new DoorError('Unreachable', '', 0)
    return { url: 'u', token: 'new' }
  }
  assert.equal((await door.freshMedia(new AbortController().signal))?.token, 'new')
  client.mediaToken = async () => {
    throw new DoorError('AdmissionEnded', '', 403)
  }
  assert.equal(await door.freshMedia(new AbortController().signal), null)
  assert.equal(door.store.get().closed, 'removed')
})

test('states that end it, and page data that is missing or broken', () => {
  assert.equal(closedBy({ state: 'admitted', reason: null }), null)
  assert.equal(closedBy({ state: 'expired', reason: 'cancelled' }), 'cancelled')
  assert.equal(closedBy({ state: 'denied', reason: null }), 'denied')
  assert.equal(readPageData('{broken').page, 'join')
  assert.equal(readPageData(null).lang, 'en')
  assert.equal(readPageData('{"page":"meeting","lang":"es"}').lang, 'es')
})
