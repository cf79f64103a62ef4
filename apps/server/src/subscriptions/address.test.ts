import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { AddressError, isPublic, parseAddress, resolveTarget } from './address.ts'
import { PostError, post } from './post.ts'

const refusal = (message: RegExp) => (error: unknown) => error instanceof AddressError && message.test(error.message)

test('only public addresses are public', () => {
  for (const address of ['93.184.216.34', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])
    assert.equal(isPublic(address), true, address)
  for (const address of [
    ...['127.0.0.1', '127.255.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
    ...[
      '0.0.0.0',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '192.0.2.1',
      '::',
      '::1',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      'ff02::1',
    ],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:a9fe:a9fe',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001:db8::1',
    ],
  ])
    assert.equal(isPublic(address), false, address)
})

test('no private IPv4 address gets through in any of its IPv6 clothes', () => {
  const octet = fc.nat({ max: 255 })
  fc.assert(
    fc.property(fc.constantFrom(10, 127, 0, 224, 255), octet, octet, octet, (a, b, c, d) => {
      const hex = [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)].join(':')
      for (const text of [
        `${a}.${b}.${c}.${d}`,
        `::ffff:${hex}`,
        `::ffff:${a}.${b}.${c}.${d}`,
        `64:ff9b::${hex}`,
        `2002:${hex}::`,
      ])
        assert.equal(isPublic(text), false, text)
    }),
  )
})

test('however an address is written, what it leads to is judged', async () => {
  const strict = { allowPrivate: false }
  for (const url of [
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest',
  ])
    await assert.rejects(resolveTarget(parseAddress(url), strict), refusal(/not public/), url)
  const both = async () => [
    { address: '93.184.216.34', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ]
  await assert.rejects(resolveTarget(parseAddress('https://two.example/'), { ...strict, resolve: both }), refusal(/not public/))
  const open = async () => [{ address: '93.184.216.34', family: 4 }]
  assert.equal(
    (await resolveTarget(parseAddress('https://one.example/x'), { ...strict, resolve: open })).address,
    '93.184.216.34',
  )
  await assert.rejects(
    resolveTarget(parseAddress('http://one.example/x'), { allowPrivate: true, resolve: open }),
    refusal(/https/),
  )
  for (const url of [
    'ftp://x.example/',
    'https://u:p@x.example/',
    'https://x.example/#a',
    '/x',
    `https://x.example/${'y'.repeat(2048)}`,
    'javascript:1',
  ])
    assert.throws(() => parseAddress(url), AddressError, url)
})

test('the connection goes to the address that was checked, whatever the name says later', async (t) => {
  const seen: (string | undefined)[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers.host)
    response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere', 'retry-after': '7' }).end('moved')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  let looked = 0
  const resolve = async () => {
    looked += 1
    return [{ address: looked === 1 ? '127.0.0.1' : '10.255.255.1', family: 4 }]
  }
  const answer = await post({
    ...{ url: `http://rebind.example:${port}/hook`, contentType: 'text/plain', body: 'x', timeoutMs: 5_000, allowPrivate: true },
    ...{ minTls: 'TLSv1.2', resolve },
  })
  assert.deepEqual([answer.status, answer.retryAfter, looked], [302, '7', 1])
  assert.deepEqual(seen, [`rebind.example:${port}`])
})

test('a receiver that does not answer is given up', async (t) => {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  const { port } = server.address() as AddressInfo
  const request = { contentType: 'text/plain', body: '', timeoutMs: 50, allowPrivate: true, minTls: 'TLSv1.2' } as const
  await assert.rejects(
    post({ ...request, url: `http://127.0.0.1:${port}/` }),
    (error) => error instanceof PostError && /in time/.test(error.message),
  )
})
