import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import fc from 'fast-check'
import { Headers } from '../message/headers.ts'
import type { OutgoingRequest, SipRequest, SipResponse } from '../message/message.ts'
import { parseMessage } from '../message/parse.ts'
import { respond } from '../message/respond.ts'
import type { Flow, Protocol } from '../transport/flow.ts'
import { TransactionLayer } from './layer.ts'
import type { ServerTransaction } from './server.ts'
import { rfcTimers } from './timers.ts'

function stage(protocol: Protocol = 'udp') {
  const sent: string[] = []
  const flow: Flow = {
    protocol,
    localAddress: '127.0.0.1',
    localPort: 5060,
    remoteAddress: '192.0.2.9',
    remotePort: 5070,
    open: true,
    send: (data) => void sent.push(data.toString('latin1')),
  }
  const transactions: ServerTransaction[] = []
  const layer = new TransactionLayer(
    { request: (transaction) => transactions.push(transaction), ack() {}, overloaded() {} },
    rfcTimers,
  )
  return { sent, flow, transactions, layer }
}

const incoming = (method: string, via = 'SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK1'): SipRequest =>
  parseMessage(
    Buffer.from(
      `${method} sip:a@b SIP/2.0\r\nVia: ${via}\r\nFrom: <sip:c@d>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 ${method}\r\n\r\n`,
    ),
  ) as SipRequest

const outgoing = (method: string): OutgoingRequest => ({
  kind: 'request',
  method,
  uri: 'sip:a@b',
  headers: Headers.of([
    ['From', '<sip:c@d>;tag=1'],
    ['To', '<sip:a@b>'],
    ['Call-ID', 'x'],
    ['CSeq', `1 ${method}`],
  ]),
  body: Buffer.alloc(0),
})

const answerTo = (sent: string, status: number): SipResponse => {
  const request = parseMessage(Buffer.from(sent, 'latin1')) as SipRequest
  const { headers } = respond(request, status, { toTag: 't' })
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`)
  return parseMessage(Buffer.from(`SIP/2.0 ${status} X\r\n${lines.join('\r\n')}\r\n\r\n`)) as SipResponse
}

function withTimers(run: () => void): void {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    run()
  } finally {
    mock.timers.reset()
  }
}

/** Let time pass in small steps, as timers set by timers need. */
const pass = (milliseconds: number, step = 100) => {
  for (let at = 0; at < milliseconds; at += step) mock.timers.tick(step)
}

test('a request over UDP is repeated at T1, doubling to T2, and given up after 64 T1 (timers E and F)', () => {
  withTimers(() => {
    const { sent, flow, layer } = stage()
    const failures: string[] = []
    layer.send(outgoing('OPTIONS'), flow, { response() {}, failed: (failure) => failures.push(failure) })
    const counts = [400, 200, 1_000, 2_000, 4_000].map((milliseconds) => {
      pass(milliseconds)
      return sent.length
    })
    assert.deepEqual(counts, [1, 2, 3, 4, 5])
    pass(40_000)
    assert.deepEqual(failures, ['timeout'])
    assert.equal(sent.length, 11)
    assert.equal(layer.size, 0)
  })
})

test('over TCP nothing is repeated', () => {
  withTimers(() => {
    const { sent, flow, layer } = stage('tcp')
    layer.send(outgoing('OPTIONS'), flow, { response() {}, failed() {} })
    pass(40_000)
    assert.equal(sent.length, 1)
  })
})

test('an INVITE stops being repeated at the first answer, and a refusal is acknowledged each time', () => {
  withTimers(() => {
    const { sent, flow, layer } = stage()
    const statuses: number[] = []
    layer.send(outgoing('INVITE'), flow, { response: ({ status }) => statuses.push(status), failed() {} })
    pass(1_600)
    assert.equal(sent.length, 3)
    layer.receiveResponse(answerTo(sent[0]!, 180))
    pass(60_000)
    assert.equal(sent.length, 3)
    for (let time = 0; time < 3; time++) layer.receiveResponse(answerTo(sent[0]!, 486))
    assert.deepEqual(statuses, [180, 486])
    assert.equal(sent.filter((text) => text.startsWith('ACK ')).length, 3)
    pass(40_000)
    assert.equal(layer.size, 0)
  })
})

test('a refusal of an INVITE is repeated until its ACK (timer G), or given up (timer H)', () => {
  withTimers(() => {
    for (const acknowledged of [true, false]) {
      const { sent, flow, transactions, layer } = stage()
      layer.receiveRequest(incoming('INVITE'), flow)
      const [transaction] = transactions
      const ends: boolean[] = []
      transaction!.onEnd = (well) => ends.push(well)
      transaction!.respond(respond(transaction!.request, 486))
      pass(1_600)
      assert.equal(sent.length, 3)
      if (acknowledged) layer.receiveRequest(incoming('ACK'), flow)
      pass(40_000)
      assert.deepEqual(ends, [acknowledged])
      assert.equal(layer.size, 0)
    }
  })
})

test('a repeated request gets the same response again and no second transaction', () => {
  withTimers(() => {
    const { sent, flow, transactions, layer } = stage()
    layer.receiveRequest(incoming('OPTIONS'), flow)
    layer.receiveRequest(incoming('OPTIONS'), flow)
    assert.equal(sent.length, 0)
    transactions[0]!.respond(respond(transactions[0]!.request, 200))
    layer.receiveRequest(incoming('OPTIONS'), flow)
    assert.equal(transactions.length, 1)
    assert.equal(sent[0], sent[1])
    pass(40_000)
    layer.receiveRequest(incoming('OPTIONS'), flow)
    assert.equal(transactions.length, 2)
    layer.close()
  })
})

test('peers of RFC 2543, without a branch that means anything, are matched by what they ask', () => {
  withTimers(() => {
    const { sent, flow, transactions, layer } = stage()
    for (let time = 0; time < 3; time++) layer.receiveRequest(incoming('INVITE', 'SIP/2.0/UDP 192.0.2.9'), flow)
    assert.equal(transactions.length, 1)
    transactions[0]!.respond(respond(transactions[0]!.request, 486))
    layer.receiveRequest(incoming('ACK', 'SIP/2.0/UDP 192.0.2.9'), flow)
    pass(4_000)
    assert.equal(sent.length, 1)
    layer.close()
  })
})

test('rport and received say where a request came from', () => {
  const { flow, transactions, layer } = stage()
  layer.receiveRequest(incoming('OPTIONS', 'SIP/2.0/UDP phone.example:5099;rport;branch=z9hG4bK7'), flow)
  assert.equal(
    transactions[0]!.request.headers.get('Via'),
    'SIP/2.0/UDP phone.example:5099;rport=5070;branch=z9hG4bK7;received=192.0.2.9',
  )
  layer.close()
})

test('whatever happens in whatever order, every transaction ends and leaves no timer', () => {
  const step = fc.constantFrom(
    'INVITE',
    'OPTIONS',
    'ACK',
    'CANCEL',
    'answer-180',
    'answer-200',
    'answer-486',
    'send-INVITE',
    'send-BYE',
    'response-100',
    'response-200',
    'response-486',
    'wait',
  )
  withTimers(() => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom<Protocol>('udp', 'tcp'), (steps, protocol) => {
        const { sent, flow, transactions, layer } = stage(protocol)
        for (const name of steps) {
          const [what, detail] = name.split('-')
          if (what === 'answer') transactions.at(-1)?.respond(respond(transactions.at(-1)!.request, Number(detail)))
          else if (what === 'send') layer.send(outgoing(detail!), flow, { response() {}, failed() {} })
          else if (what === 'response') {
            const request = sent.findLast((text) => /^(INVITE|BYE) /.test(text))
            if (request) layer.receiveResponse(answerTo(request, Number(detail)))
          } else if (what === 'wait') pass(700, 350)
          else layer.receiveRequest(incoming(what!), flow)
        }
        for (const transaction of transactions) if (transaction.pending) transaction.respond(respond(transaction.request, 500))
        // An INVITE of ours that only rings waits for as long as it takes: the call gives it up.
        for (const request of sent.filter((text) => text.startsWith('INVITE '))) layer.receiveResponse(answerTo(request, 487))
        pass(80_000, 500)
        assert.equal(layer.size, 0)
        const before = sent.length
        pass(40_000, 500)
        assert.equal(sent.length, before)
      }),
      { numRuns: 60 },
    )
  })
})
