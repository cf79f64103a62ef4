// What the create bench compares with: a bare Fastify route that verifies the same token and, with `durable`, stores
// the same row through the same writer. Arguments: data folder of Parley (for the key), `durable` or `memory`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastify from 'fastify'
import { importJWK, type JWK, jwtVerify } from 'jose'
import { systemClock } from '../../../apps/server/src/common/clock.ts'
import { Journal } from '../../../apps/server/src/meetings/journal.ts'
import { MeetingManager } from '../../../apps/server/src/meetings/meeting-manager.ts'
import { MeetingStore } from '../../../apps/server/src/meetings/meeting-store.ts'
import { openDatabase } from '../../../apps/server/src/store/database.ts'

const [dataFolder, mode] = process.argv.slice(2) as [string, 'durable' | 'memory' | 'idle']
const app = fastify()

if (mode !== 'idle') {
  const { keys } = JSON.parse(readFileSync(join(dataFolder, 'signing-keys.json'), 'utf8')) as { keys: { privateJwk: JWK }[] }
  const { kty, n, e } = keys[0]!.privateJwk
  const publicKey = await importJWK({ kty, n, e } as JWK, 'RS256')
  const dev = JSON.parse(readFileSync(join(dataFolder, 'dev.json'), 'utf8')) as { tenantId: string; users: { id: string }[] }
  const db = mode === 'durable' ? await openDatabase({ path: join(dataFolder, 'parley.db') }) : undefined
  const store = db && new MeetingStore(db, new Journal(db))
  const manager = store && new MeetingManager(store, systemClock)
  app.post('/meetings', async (request, reply) => {
    const token = (request.headers.authorization ?? '').slice('Bearer '.length)
    const { payload } = await jwtVerify(token, publicKey, { algorithms: ['RS256'], audience: 'https://graph.microsoft.com' })
    const draft = {
      tenantId: payload.tid as string,
      organizerId: dev.users[0]!.id,
      subject: (request.body as { subject: string }).subject,
    }
    const meeting = await manager?.create(draft)
    return reply.code(201).send({ id: meeting?.vtcId ?? '000000000', ...draft })
  })
}

await app.listen({ port: 0, host: '127.0.0.1' })
console.log(`ready http://127.0.0.1:${(app.server.address() as { port: number }).port}`)
