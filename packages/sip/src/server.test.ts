import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { offer, RawPeer } from '../test/raw-peer.ts'
import { loopback, Studio, Tally } from '../test/tools.ts'
import { broken, refusedInvites, valid } from '../test/torture.ts'
import { authorize } from './auth/authorize.ts'
import type { CallMemory } from './call/memory.ts'
import type { SipMessage } from './message/message.ts'
import type { SipServerOptions } from './options.ts'

const quick = { t1: 20, t2: 80, t4: 100 }

async function withPeer(
  run: (peer: RawPeer, studio: Studio) => Promise<void>,
  options: Partial<SipServerOptions> = {},
): Promise<void> {
  const studio = await Studio.start({ timers: quick, ...options })
  const peer = await RawPeer.open(studio.server.port('udp')!)
  try {
    await run(peer, studio)
    assert.deepEqual(studio.faults, [])
  } finally {
    peer.close()
    await studio.stop()
  }
}

const tagOf = (message: SipMessage) => message.to.params.get('tag')!

async function establish(peer: RawPeer, headers: string[] = [], body = offer()): Promise<string> {
  peer.send(peer.request('INVITE', { body, headers }))
  const toTag = tagOf(await peer.response(200))
  peer.send(peer.request('ACK', { toTag, branch: 'z9hG4bKack' }))
  return toTag
}

test('a call is answered, acknowledged and hung up', async () => {
  await withPeer(async (peer, studio) => {
    const toTag = await establish(peer)
    await studio.calls.until((calls) => calls[0]?.state === 'confirmed' || calls.length > 0, 'the call')
    peer.send(peer.request('BYE', { toTag, cseq: 2 }))
    await peer.response(200, 'BYE')
    assert.deepEqual(studio.ended.items, ['caller-hung-up'])
    assert.deepEqual([...new Set(peer.responses)], [100, 200])
  })
})

test('a call of a process that crashed is hung up on by the next', async () => {
  const first = await Studio.start({ timers: quick })
  const peer = await RawPeer.open(first.server.port('udp')!)
  const toTag = await establish(peer)
  const [memory] = JSON.parse(JSON.stringify(first.server.memories)) as CallMemory[]
  assert.ok(memory)
  const second = await Studio.start({ timers: quick, lost: [memory, { ...memory, protocol: 'tcp', port: 1 }] })
  try {
    const bye = await peer.requested('BYE')
    assert.deepEqual([bye.callId, bye.from.params.get('tag'), bye.to.params.get('tag')], ['call-1', toTag, 'peer'])
    assert.match(bye.headers.get('Reason') ?? '', /cause=503/)
    peer.answer(bye, 200)
    assert.deepEqual(second.faults, [])
  } finally {
    await Promise.all([first.stop(), second.stop()])
    peer.close()
  }
})

test('a repeated INVITE makes one call', async () => {
  await withPeer(async (peer, studio) => {
    const invite = peer.request('INVITE', { body: offer() })
    for (let time = 0; time < 4; time++) peer.send(invite)
    await peer.response(200)
    assert.equal(studio.calls.items.length, 1)
  })
})

test('a 200 is repeated until it is acknowledged, and the call dropped when it never is', async () => {
  await withPeer(async (peer, studio) => {
    peer.send(peer.request('INVITE', { body: offer() }))
    await studio.ended.until((items) => items.length > 0, 'the end')
    assert.deepEqual(studio.ended.items, ['not-acknowledged'])
    assert.ok(peer.responses.filter((status) => status === 200).length > 4)
    assert.match((await peer.requested('BYE')).headers.get('Reason') ?? '', /^SIP;cause=408/)
  })
})

test('CANCEL before the answer', async () => {
  await withPeer(async (peer, studio) => {
    studio.onCall = (call) => call.ring()
    peer.send(peer.request('INVITE', { body: offer() }))
    await peer.response(180)
    peer.send(peer.request('CANCEL', { branch: 'z9hG4bKcall-1INVITE1' }))
    await peer.response(200, 'CANCEL')
    const terminated = await peer.response(487)
    peer.send(peer.request('ACK', { toTag: tagOf(terminated), branch: 'z9hG4bKcall-1INVITE1' }))
    assert.deepEqual(studio.ended.items, ['caller-cancelled'])
  })
})

test('CANCEL of nothing, BYE of nothing', async () => {
  await withPeer(async (peer) => {
    peer.send(peer.request('CANCEL', { callId: 'other' }))
    await peer.response(481, 'CANCEL')
    peer.send(peer.request('BYE', { callId: 'other', toTag: 'nobody' }))
    await peer.response(481, 'BYE')
  })
})

test('BYE before the answer ends the INVITE too', async () => {
  await withPeer(async (peer, studio) => {
    studio.onCall = (call) => call.ring()
    peer.send(peer.request('INVITE', { body: offer() }))
    const ringing = await peer.response(180)
    peer.send(peer.request('BYE', { toTag: tagOf(ringing), cseq: 2 }))
    await peer.response(200, 'BYE')
    await peer.response(487)
    assert.deepEqual(studio.ended.items, ['caller-hung-up'])
  })
})

test('an INVITE without an offer gets one, and its answer comes with the ACK', async () => {
  await withPeer(async (peer, studio) => {
    peer.send(peer.request('INVITE'))
    const answer = await peer.response(200)
    assert.match(answer.body.toString(), /m=audio \d+ RTP\/AVP 111 0 8 13 101/)
    peer.send(peer.request('ACK', { toTag: tagOf(answer), body: offer(), branch: 'z9hG4bKack' }))
    await studio.frames.until((items) => items.length > 0, 'sound')
    assert.equal(studio.calls.items[0]?.leg.report.codec, 'PCMU')
  })
})

test('hold and resume by re-INVITE, and an old request is refused', async () => {
  await withPeer(async (peer, studio) => {
    const toTag = await establish(peer)
    peer.send(peer.request('INVITE', { toTag, cseq: 5, body: offer(40_000, 'a=sendonly\r\n') }))
    const held = await peer.received.until(
      (all) => all.some(({ cseq }) => cseq.number === 5 && cseq.method === 'INVITE'),
      'the answer',
    )
    assert.match(held.at(-1)!.body.toString(), /a=recvonly/)
    peer.send(peer.request('ACK', { toTag, cseq: 5, branch: 'z9hG4bKack5' }))
    assert.deepEqual(studio.holds.items, [true])
    peer.send(peer.request('INFO', { toTag, cseq: 3 }))
    await peer.response(500, 'INFO')
    peer.send(peer.request('INVITE', { toTag, cseq: 6, body: offer(40_002) }))
    await studio.holds.until((items) => items.length === 2, 'resume')
    assert.deepEqual(studio.holds.items, [true, false])
  })
})

test('keys by INFO', async () => {
  await withPeer(async (peer, studio) => {
    const toTag = await establish(peer)
    const info = peer.request('INFO', {
      toTag,
      cseq: 2,
      headers: ['Content-Type: application/dtmf-relay'],
      body: 'Signal=7\r\nDuration=100\r\n',
    })
    peer.send(info.replace('Content-Type: application/sdp\r\n', ''))
    await peer.response(200, 'INFO')
    assert.deepEqual(studio.digits.items, ['7 info'])
  })
})

test('session timers: too short is refused, none heard of again ends the call', async () => {
  await withPeer(
    async (peer, studio) => {
      peer.send(peer.request('INVITE', { body: offer(), headers: ['Supported: timer', 'Session-Expires: 1'] }))
      const refused = await peer.response(422)
      assert.equal(refused.headers.get('Min-SE'), '2')
      peer.send(
        peer.request('INVITE', {
          body: offer(),
          callId: 'second',
          headers: ['Supported: timer', 'Session-Expires: 2;refresher=uac'],
        }),
      )
      const answer = await peer.response(200)
      assert.equal(answer.headers.get('Session-Expires'), '2;refresher=uac')
      assert.equal(answer.headers.get('Require'), 'timer')
      peer.send(peer.request('ACK', { callId: 'second', toTag: tagOf(answer), branch: 'z9hG4bKack' }))
      await studio.ended.until((items) => items.includes('session-expired'), 'the end')
    },
    { sessionTimer: { interval: 1_800, minimum: 2 } },
  )
})

test('session timers: as the refresher we send UPDATE when the peer takes it, and go on', async () => {
  await withPeer(
    async (peer, studio) => {
      await establish(peer, ['Supported: timer', 'Allow: INVITE, UPDATE', 'Session-Expires: 2;refresher=uas'])
      const update = await peer.requested('UPDATE')
      assert.equal(update.headers.get('Session-Expires'), '2;refresher=uac')
      peer.answer(update, 200, ['Session-Expires: 2;refresher=uac'])
      await peer.received.until(
        (all) => all.filter((message) => message.kind === 'request' && message.method === 'UPDATE').length > 1,
        'another',
      )
      assert.deepEqual(studio.ended.items, [])
    },
    { sessionTimer: { interval: 1_800, minimum: 2 } },
  )
})

test('session timers: a refresh nobody answers ends the call', async () => {
  await withPeer(
    async (peer, studio) => {
      await establish(peer, ['Supported: timer', 'Session-Expires: 2;refresher=uas'])
      await peer.requested('INVITE')
      await studio.ended.until((items) => items.includes('session-expired'), 'the end')
    },
    { sessionTimer: { interval: 1_800, minimum: 2 } },
  )
})

test('a peer that falls silent is asked, then given up', async () => {
  await withPeer(
    async (peer, studio) => {
      await establish(peer)
      await peer.requested('OPTIONS')
      await studio.ended.until((items) => items.length > 0, 'the end')
      assert.match(studio.ended.items[0]!, /media-timeout|peer-gone/)
    },
    { liveness: { probe: 100, giveUp: 1_000 } },
  )
})

test('strangers are refused, and the reason is told', async () => {
  await withPeer(
    async (peer, studio) => {
      peer.send(peer.request('INVITE', { body: offer() }))
      await peer.response(403)
      assert.deepEqual(studio.refused.items, ['unknown-source'])
    },
    { trunks: [{ kind: 'address', name: 'elsewhere', addresses: ['192.0.2.0/24', '2001:db8::/32'] }] },
  )
})

const nobody = {
  trunks: [{ kind: 'address', name: 'elsewhere', addresses: ['192.0.2.0/24'] }],
} satisfies Partial<SipServerOptions>

test('a stranger’s request is refused with the same tag each time, and nothing of it is kept', async () => {
  await withPeer(async (peer, studio) => {
    for (const [method, callId] of [
      ['INVITE', 'a'],
      ['INVITE', 'a'],
      ['OPTIONS', 'b'],
      ['CANCEL', 'c'],
    ] as const)
      peer.send(peer.request(method, { callId }))
    peer.send(peer.request('ACK', { callId: 'd' }))
    const answers = await peer.received.until((all) => all.length === 4, 'four answers')
    assert.deepEqual(peer.responses, [403, 403, 403, 403])
    assert.equal(tagOf(answers[0]!), tagOf(answers[1]!))
    assert.notEqual(tagOf(answers[1]!), tagOf(answers[2]!))
    assert.deepEqual(studio.refused.items, ['unknown-source', 'unknown-source'])
    assert.equal(studio.server.transactions, 0)
  }, nobody)
})

test('a stranger’s datagram that is longer than a call needs is dropped by its length', async () => {
  await withPeer(async (peer, studio) => {
    const malformed = new Tally<string>()
    studio.server.events.on('malformed', ({ code }) => malformed.add(code))
    peer.send(peer.request('INVITE', { body: 'x'.repeat(8_192) }))
    peer.send(peer.request('OPTIONS', { headers: [`X: ${'x'.repeat(2_100)}`] }))
    peer.send(peer.request('OPTIONS', { headers: Array.from({ length: 70 }, (_, index) => `X: ${index}`) }))
    await malformed.until((items) => items.length === 3, 'three refusals')
    assert.deepEqual(malformed.items, ['too-large', 'too-large', 'too-large'])
    assert.deepEqual(peer.responses, [])
  }, nobody)
})

test('what a trunk may send is longer', async () => {
  await withPeer(async (peer) => {
    peer.send(peer.request('OPTIONS', { headers: [`X: ${'x'.repeat(8_000)}`, 'constructor: x'] }))
    await peer.response(200)
  })
})

test('digest: an answer for one number opens no other', async () => {
  await withPeer(
    async (peer, studio) => {
      peer.send(peer.request('INVITE', { body: offer() }))
      const challenges = (await peer.response(401)).headers.all('WWW-Authenticate')
      const credentials = { username: 'trunk', password: 'correct horse' }
      const value = authorize(challenges, credentials, 'INVITE', 'sip:100@127.0.0.1')!
      const headers = [`Authorization: ${value}`]
      peer.send(peer.request('INVITE', { body: offer(), cseq: 2, headers, uri: 'sip:200@127.0.0.1' }))
      await studio.refused.until((items) => items.includes('bad-credentials'), 'the other number refused')
      // The same number by another name of this server is the same number.
      peer.send(peer.request('INVITE', { body: offer(), cseq: 3, headers, uri: 'sip:100@localhost:5060;user=phone' }))
      await peer.response(200)
    },
    { trunks: [{ kind: 'digest', name: 'someone', username: 'trunk', password: 'correct horse' }] },
  )
})

test('digest: challenge, both algorithms, replay, wrong password, stale nonce', async () => {
  await withPeer(
    async (peer, studio) => {
      const invite = (callId: string, extra: string[] = []) =>
        peer.send(peer.request('INVITE', { callId, body: offer(), headers: extra, cseq: extra.length + 1 }))
      invite('one')
      const challenges = (await peer.response(401)).headers.all('WWW-Authenticate')
      assert.deepEqual(
        challenges.map((text) => /algorithm=([\w-]+)/.exec(text)?.[1]),
        ['SHA-256', 'MD5'],
      )
      const credentials = { username: 'trunk', password: 'correct horse' }
      const good = authorize(challenges, credentials, 'INVITE', 'sip:100@127.0.0.1')!
      invite('one', [`Authorization: ${good}`])
      await peer.response(200)
      invite('replay', [`Authorization: ${good}`])
      await studio.refused.until((items) => items.includes('replayed-credentials'), 'the replay refused')
      const bad = authorize(challenges, { ...credentials, password: 'battery staple' }, 'INVITE', 'sip:100@127.0.0.1')!
      invite('wrong', [`Authorization: ${bad}`])
      await studio.refused.until((items) => items.includes('bad-credentials'), 'the wrong password refused')
      const forged = challenges.map((text) => text.replace(/nonce="[^"]*"/, 'nonce="k.1.2"'))
      invite('stale', [`Authorization: ${authorize(forged, credentials, 'INVITE', 'sip:100@127.0.0.1')}`])
      const stale = await peer.received.until(
        (all) => all.some((message) => message.callId === 'stale' && message.kind === 'response' && message.status === 401),
        'a new challenge',
      )
      assert.match(stale.at(-1)!.headers.all('WWW-Authenticate').join(), /stale=true/)
      peer.send(peer.request('INVITE', { callId: 'md5', body: offer() }))
      const again = await peer.received.until((all) => all.some((message) => message.callId === 'md5'), 'a challenge')
      const md5 = again
        .find((message) => message.callId === 'md5')!
        .headers.all('WWW-Authenticate')
        .filter((text) => text.includes('MD5'))
      peer.send(
        peer.request('INVITE', {
          callId: 'md5',
          cseq: 2,
          body: offer(),
          headers: [`Authorization: ${authorize(md5, credentials, 'INVITE', 'sip:100@127.0.0.1')}`],
        }),
      )
      await studio.calls.until((calls) => calls.length === 2, 'the second call')
    },
    { digest: ['SHA-256', 'MD5'], trunks: [{ kind: 'digest', name: 'someone', username: 'trunk', password: 'correct horse' }] },
  )
})

const provider = {
  kind: 'registration',
  name: 'provider',
  username: '34900',
  password: 'pw',
  domain: 'provider.example',
} as const

/** The so-manieth REGISTER; one that is sent again, for want of an answer in time, is the same. */
async function register(registrar: RawPeer, count: number) {
  const distinct = (all: SipMessage[]) =>
    all.filter(({ headers }, index) => all.findIndex((other) => other.headers.get('CSeq') === headers.get('CSeq')) === index)
  const all = await registrar.received.until((items) => distinct(items).length >= count, `REGISTER ${count}`)
  return distinct(all)[count - 1] as Extract<SipMessage, { kind: 'request' }>
}

test('registration: answers a challenge', async () => {
  const registrar = await RawPeer.open(1)
  const states = new Tally<string>()
  const studio = await Studio.start({ timers: quick, trunks: [{ ...provider, registrar: `127.0.0.1:${registrar.port}` }] })
  studio.server.events.on('registration', ({ state, code }) => states.add(`${state} ${code}`))
  registrar.server = studio.server.port('udp')!
  try {
    const first = await register(registrar, 1)
    assert.equal(first.uri, 'sip:provider.example')
    assert.match(first.headers.get('To')!, /<sip:34900@provider\.example>/)
    registrar.answer(first, 401, ['WWW-Authenticate: Digest realm="p", nonce="n1", qop="auth", algorithm=MD5'])
    const second = await register(registrar, 2)
    assert.match(second.headers.get('Authorization')!, /username="34900".*nc=00000001/)
    registrar.answer(second, 200, ['Expires: 120'])
    await states.until((items) => items.includes('registered ok'), 'registered')
  } finally {
    registrar.close()
    await studio.stop()
  }
})

test('registration: calls to the contact come in from anywhere, others do not, and it is withdrawn at the end', async () => {
  const registrar = await RawPeer.open(1)
  const states = new Tally<string>()
  const studio = await Studio.start({ timers: quick, trunks: [{ ...provider, registrar: `127.0.0.1:${registrar.port}` }] })
  studio.server.events.on('registration', ({ state, code }) => states.add(`${state} ${code}`))
  registrar.server = studio.server.port('udp')!
  const elsewhere = await RawPeer.open(registrar.server, '127.0.0.9')
  try {
    const first = await registrar.requested('REGISTER')
    const contact = /<(.*)>/.exec(first.headers.get('Contact')!)![1]!
    registrar.answer(first, 200, [`Contact: <${contact}>;expires=300`])
    await states.until((items) => items.includes('registered ok'), 'registered')
    elsewhere.send(elsewhere.request('INVITE', { callId: 'stranger', body: offer() }))
    await elsewhere.response(403)
    elsewhere.send(elsewhere.request('INVITE', { callId: 'provider', uri: contact, body: offer() }))
    await elsewhere.response(200)
    assert.equal(studio.calls.items[0]?.info.trunk, 'provider')
    assert.equal(studio.calls.items[0]?.info.dialled, '100')
    const closing = studio.stop()
    const withdrawal = await register(registrar, 2)
    assert.equal(withdrawal.headers.get('Expires'), '0')
    registrar.answer(withdrawal, 200)
    await closing
    assert.deepEqual(states.items, ['registered ok', 'unregistered closed'])
  } finally {
    registrar.close()
    elsewhere.close()
    await studio.stop()
  }
})

for (const message of [...refusedInvites, ...broken.filter(({ expect }) => typeof expect === 'number')]) {
  test(`RFC 4475 ${message.name} is answered ${message.expect}`, async () => {
    await withPeer(async (peer) => {
      peer.send(Buffer.from(message.text.replace(/^(Via: SIP\/2\.0\/UDP )[\w.]+/m, `$1127.0.0.1:${peer.port}`), 'utf8'))
      if (message.name.includes('badinv01')) {
        // Its Via cannot be read, so there is nowhere to answer.
        peer.send(peer.request('OPTIONS'))
        await peer.response(200)
        assert.deepEqual(peer.responses, [200])
      } else assert.deepEqual(await peer.statuses.until((items) => items.length > 0, 'an answer'), [message.expect])
    })
  })
}

test('torture, mutations and noise: the server stays and answers the next call', async () => {
  await withPeer(
    async (peer, studio) => {
      const samples = [...valid, ...broken].map(({ text }) => Buffer.from(text))
      const noise = fc.sample(fc.uint8Array({ minLength: 5, maxLength: 300 }), 200).map((bytes) => Buffer.from(bytes))
      const harmed = fc
        .sample(fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.integer({ min: 0, max: 255 })), 400)
        .map(([sample, at, byte]) => {
          const copy = Buffer.from(sample)
          copy[at % copy.length] = byte
          return copy
        })
      for (const data of [...samples, ...noise, ...harmed]) peer.send(data)
      await establish(peer)
      assert.equal(studio.calls.items.length, 1)
    },
    {
      guard: {
        perAddress: { rate: 1e6, burst: 1e6 },
        unknown: { rate: 1e6, burst: 1e6 },
        trusted: { rate: 1e6, burst: 1e6 },
        addresses: 10,
      },
    },
  )
})

test('a flood from a stranger is dropped unread, told once, and does not cost a live call its beat', async () => {
  const studio = await Studio.start({ trunks: [{ ...loopback, addresses: ['127.0.0.1'] }] })
  const caller = await RawPeer.open(studio.server.port('udp')!)
  const strangers = await Promise.all(
    ['127.0.0.2', '127.0.0.3'].map((address) => RawPeer.open(studio.server.port('udp')!, address)),
  )
  let told = 0
  studio.server.events.on('flood', () => told++)
  try {
    await establish(caller)
    await studio.frames.until((items) => items.length > 0, 'sound')
    const junk = Buffer.alloc(1_200, 'INVITE sip:a@b SIP/2.0\r\n')
    for (let burst = 0; burst < 50; burst++) {
      for (const stranger of strangers) for (let packet = 0; packet < 100; packet++) stranger.send(junk)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const before = studio.heard.length
    await studio.frames.until(() => studio.heard.length > before + 25, 'the call going on')
    assert.ok(studio.server.dropped > 500, `${studio.server.dropped} dropped`)
    assert.equal(told, 2)
    assert.deepEqual(studio.faults, [])
  } finally {
    for (const peer of [caller, ...strangers]) peer.close()
    await studio.stop()
  }
})
