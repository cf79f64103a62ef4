#!/usr/bin/env node
import { createServer } from 'node:http'
import type { Log } from './common/log.ts'
import { serveTestHook } from './http/test-hooks.ts'
import { MediaServer, type MediaServerOptions } from './server.ts'

/** Runs the media server alone, configured by MEDIA_* environment variables (see README.md). */
const env = process.env

function required(name: string): string {
  const value = env[name]
  if (value === undefined || value === '') {
    process.stderr.write(`${name} is not set\n`)
    process.exit(1)
  }
  return value
}

function number(name: string, otherwise: number): number {
  const value = Number(env[name] ?? otherwise)
  if (Number.isInteger(value) && value >= 0 && value <= 65535) return value
  process.stderr.write(`${name} is not a whole number from 0 to 65535\n`)
  process.exit(1)
}

function line(level: string, fields: object, message: string): void {
  process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`)
}

const log: Log = {
  debug: (fields, message) => env.MEDIA_DEBUG === '1' && line('debug', fields, message),
  info: (fields, message) => line('info', fields, message),
  warn: (fields, message) => line('warn', fields, message),
  error: (fields, message) => line('error', fields, message),
}

const host = env.MEDIA_HOST ?? '127.0.0.1'
const key = required('MEDIA_KEY')
const options: MediaServerOptions = {
  keys: { [key]: required('MEDIA_SECRET') },
  udpPort: number('MEDIA_UDP_PORT', 0),
  udpHost: host,
  announcedAddresses: (env.MEDIA_ANNOUNCED ?? host).split(',').map((address) => address.trim()),
  log,
}
if (env.MEDIA_WEBHOOK_URL) options.webhooks = [{ url: env.MEDIA_WEBHOOK_URL, key }]
if (env.MEDIA_WORKERS) options.workers = number('MEDIA_WORKERS', 1)

if (env.MEDIA_REMOTE_UNMUTE === '1' || env.MEDIA_TEST_HOOKS === '1') options.remoteUnmute = true

const media = await MediaServer.start(options)
const server = createServer((request, response) => {
  if (media.handleRequest(request, response)) return
  if (request.url === '/') response.writeHead(200, { 'content-type': 'text/plain' }).end('OK')
  else if (env.MEDIA_TEST_HOOKS === '1' && request.url?.startsWith('/test/') === true)
    void serveTestHook(media, request, response)
  else if (request.url === '/metrics') {
    void media
      .metrics()
      .then((metrics) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metrics)))
  } else response.writeHead(404).end()
})
server.on('upgrade', (request, socket, head) => {
  if (!media.handleUpgrade(request, socket, head)) socket.destroy()
})
server.listen(number('MEDIA_HTTP_PORT', 0), host, () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stdout.write(`media ready http://${host}:${port} udp ${media.udpPorts[0]}\n`)
})

let isStopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isStopping) return
    isStopping = true
    server.close()
    void media.close().then(() => process.exit(0))
  })
}
