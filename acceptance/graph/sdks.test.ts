import { after, before, test } from 'node:test'
import { type Server, startServer } from '../lib/server.ts'
import { runScript } from './lib/run-script.ts'

let server: Server
before(async () => {
  server = await startServer()
})
after(async () => server[Symbol.asyncDispose]())

test('@microsoft/msgraph-sdk creates, gets, finds, changes and deletes a meeting', async () => {
  await runScript('msgraph-sdk', { dev: server.dev })
})
