import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { decide } from '../config/config.ts'
import { leadToHttps } from './lead-to-https.ts'

async function answers(env: Record<string, string>, host: string, method: 'GET' | 'POST' = 'GET') {
  const app = fastify()
  leadToHttps(app, decide(env), (_request, reply) => reply.code(403).send())
  app.route({ method: ['GET', 'POST'], url: '/signin', handler: async () => 'page' })
  const { statusCode, headers } = await app.inject({ method, url: '/signin?return=%2Fmeetings', headers: { host } })
  await app.close()
  return [statusCode, headers.location]
}

test('pages with passwords lead to https where that is the address people are given', async () => {
  const named = { PARLEY_HOST: '192.0.2.1', PARLEY_PUBLIC_URL: 'https://meet.example' }
  assert.deepEqual(await answers(named, '192.0.2.1:8080'), [307, 'https://meet.example/signin?return=%2Fmeetings'])
  assert.deepEqual(await answers(named, '192.0.2.1:8080', 'POST'), [403, undefined])
  // What a proxy that ends TLS says.
  assert.deepEqual(await answers(named, 'meet.example'), [200, undefined])
  const unnamed = { PARLEY_HOST: '0.0.0.0' }
  assert.deepEqual(await answers(unnamed, 'box.local:8080'), [307, 'https://box.local:8443/signin?return=%2Fmeetings'])
})

test('the machine itself, and whoever says that http is their address, keep http', async () => {
  assert.deepEqual(await answers({}, 'localhost:8080'), [200, undefined])
  assert.deepEqual(await answers({ PARLEY_HOST: '10.0.0.1', PARLEY_PUBLIC_URL: 'http://10.0.0.1:8080' }, '10.0.0.1:8080'), [
    200,
    undefined,
  ])
})
