import type { Server } from '../../lib/server.ts'
import type { Target } from './campaign.ts'
import { HttpFeeder } from './http.ts'
import { mutateJson, mutateText } from './mutate.ts'

/** The token endpoint and its kin: forms, queries and credentials in headers. */
export function oauthTarget({ url, dev }: Server): Target {
  const feeder = new HttpFeeder(url, 12)
  const [user] = dev.users
  const base = `/${dev.tenantId}/oauth2/v2.0`
  const forms: Record<string, string>[] = [
    {
      grant_type: 'client_credentials',
      client_id: dev.clientId,
      client_secret: dev.clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    },
    {
      ...{ grant_type: 'client_credentials', client_id: dev.clientId, scope: 'https://graph.microsoft.com/.default' },
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'eyJhbGciOiJSUzI1NiIsIng1dCI6ImEifQ.eyJpc3MiOiJhIiwic3ViIjoiYSIsImF1ZCI6ImIiLCJleHAiOjF9.c2ln',
    },
    {
      grant_type: 'authorization_code',
      client_id: dev.clientId,
      code: 'abc',
      redirect_uri: 'http://localhost',
      code_verifier: 'x'.repeat(43),
    },
    { grant_type: 'refresh_token', client_id: dev.clientId, refresh_token: 'abc', scope: 'openid User.Read' },
    { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: dev.clientId, device_code: 'abc' },
    { client_id: dev.clientId, scope: 'openid User.Read offline_access' },
    { token: 'abc', user_code: 'ABCD-EFGH', logout: 'yes', xsrf: 'x', login: user!.upn, password: 'wrong', return: '/meetings' },
  ]
  const authorize = {
    ...{
      client_id: dev.clientId,
      response_type: 'code',
      redirect_uri: 'http://localhost',
      scope: 'openid User.Read',
      state: 's',
      nonce: 'n',
    },
    ...{
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      response_mode: 'form_post',
    },
    ...{
      prompt: 'none',
      max_age: '0',
      login_hint: user!.upn,
      claims: '{"id_token":{"auth_time":null}}',
      request: 'eyJhbGciOiJub25lIn0.e30.',
    },
  }
  const paths = [
    ...[
      `${base}/token`,
      `${base}/token`,
      `/${dev.tenantId}/oauth2/token`,
      `${base}/devicecode`,
      `${base}/deviceauth`,
      `${base}/logout`,
      `${base}/logout/confirm`,
    ],
    ...[
      '/common/oauth2/v2.0/token',
      `/${dev.tenantId}/v2.0/.well-known/openid-configuration`,
      `/${dev.tenantId}/discovery/v2.0/keys`,
    ],
    ...[
      '/signin',
      '/signin/back',
      '/common/discovery/instance?authorization_endpoint=https://localhost/common/oauth2/v2.0/authorize&api-version=1.1',
    ],
  ]
  return {
    ...{ name: 'oauth', lanes: 12 },
    feed: async (random) => {
      const isQuery = random.chance(4)
      const form = Object.entries(isQuery ? authorize : random.pick(forms)).flatMap(([name, value]) => {
        if (random.chance(10)) return []
        const pair = [
          random.chance(12) ? mutateText(random, name, 100) : name,
          random.chance(4) ? mutateText(random, value, 4_000) : value,
        ]
        return random.chance(15) ? [pair, pair] : [pair]
      })
      const text = new URLSearchParams(form.map(([name, value]) => [name!.toWellFormed(), value!.toWellFormed()])).toString()
      const encoded = random.chance(8) ? mutateText(random, text, 12_000) : text
      const path = isQuery ? `${base}/authorize` : random.pick(paths)
      const target = random.chance(6) ? mutateText(random, path, 500) : path
      const headers: Record<string, string> = {}
      if (random.chance(8))
        headers.authorization = mutateText(random, `Basic ${btoa(`${dev.clientId}:${dev.clientSecret}`)}`, 3_000)
      if (random.chance(8)) headers.cookie = mutateText(random, '_interaction=a; _session=b; parley_session=c', 2_000)
      if (random.chance(8)) headers['accept-language'] = mutateText(random, 'es-ES,es;q=0.9,en;q=0.8', 2_000)
      if (isQuery || random.chance(6)) await feeder.feed({ method: 'GET', path: `${target}?${encoded}`, headers })
      else {
        headers['content-type'] = random.chance(15)
          ? mutateText(random, 'application/x-www-form-urlencoded', 100)
          : 'application/x-www-form-urlencoded'
        await feeder.feed({ method: 'POST', path: target, headers, body: encoded })
      }
    },
    isWell: () => feeder.isWell(),
  }
}

/** The door, the room and the chat as the pages speak them, as somebody who is in. */
export async function doorTarget({ url, dev }: Server, threadId: string): Promise<Target> {
  const feeder = new HttpFeeder(url, 12)
  const json = { 'content-type': 'application/json', 'x-parley-csrf': '1' }
  const ask = { link: { threadId, messageId: '0' }, name: 'Fuzz', lang: 'es', device: { camera: true, microphone: false } }
  const asked = await feeder.send({ method: 'POST', path: '/api/door/ask', headers: json, body: JSON.stringify(ask) })
  const { admission } = JSON.parse(asked!.text) as { admission: { id: string; secret: string; identity: string } }
  const authorization = `Admission ${admission.id}.${admission.secret}`
  const targets: [string, string, unknown][] = [
    ['POST', '/api/door/ask', ask],
    ['POST', '/api/door/ask', { code: { meetingId: '123456789', passcode: 'abc' }, name: 'Fuzz', invitation: 'a.b' }],
    ['POST', '/api/door/rename', { name: 'Ünï' }],
    ['GET', '/api/door/me', undefined],
    ['POST', '/api/door/media-token', {}],
    ['POST', '/api/room/hand', { raised: true }],
    ['POST', `/api/room/participants/${admission.identity}/role`, { role: 'presenter' }],
    ['POST', `/api/room/participants/${admission.identity}/remove`, { mayReturn: true }],
    ['PATCH', '/api/room/policy', { allowMicrophone: true, allowChat: true }],
    ['POST', '/api/room/lobby/message', { text: 'Soon', id: 'x' }],
    ['GET', '/api/chat/messages?before=5&limit=50', undefined],
    ['GET', '/api/chat/messages?search=hello', undefined],
    ['POST', '/api/chat/messages', { text: 'Hello <b>you</b> https://a.example', replyTo: '1', mentions: [admission.identity] }],
    ['PATCH', '/api/chat/messages/1', { text: 'Edited' }],
    ['PUT', '/api/chat/messages/1/reactions/👍', undefined],
    ['POST', '/api/chat/files?name=a.txt', 'file'],
    [
      'GET',
      `/l/meetup-join/${encodeURIComponent(threadId)}/0?context=%7b%22Tid%22%3a%22${dev.tenantId}%22%7d&invitation=x`,
      undefined,
    ],
    ['GET', `/join?code=123456789`, undefined],
  ]
  return {
    ...{ name: 'door', lanes: 12 },
    feed: async (random) => {
      const [method, path, body] = random.pick(targets)
      const headers: Record<string, string> = {
        ...json,
        authorization: random.chance(15) ? mutateText(random, authorization, 2_000) : authorization,
      }
      if (random.chance(8)) headers.cookie = mutateText(random, 'parley_device=abc.def; parley_session=x', 2_000)
      const sent = { method, headers, path: random.chance(3) ? mutateText(random, path, 3_000) : path }
      if (body === undefined) await feeder.feed(sent)
      else if (body === 'file') {
        const boundary = 'xyz'
        const part = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--${boundary}--\r\n`
        headers['content-type'] = `multipart/form-data; boundary=${boundary}`
        await feeder.feed({ ...sent, body: mutateText(random, part, 90_000) })
      } else {
        const text = JSON.stringify(mutateJson(random, body))
        await feeder.feed({ ...sent, body: random.chance(4) ? mutateText(random, text, 10_000) : text })
      }
    },
    isWell: () => feeder.isWell(),
  }
}
