import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../common/log.ts'
import { createCertificate } from '../peer/certificate.ts'
import type { WorkerSettings } from './wire.ts'
import { WorkerPool } from './worker-pool.ts'

const settings: WorkerSettings = {
  certificate: createCertificate(),
  udpHost: '127.0.0.1',
  udpPort: 0,
  announcedAddresses: ['127.0.0.1'],
  iceServers: [],
  remoteUnmute: false,
  subscriptionPermissions: true,
}

test('the only worker, killed, is started again on its port, and who asks meanwhile waits for it', async () => {
  const lost = Promise.withResolvers<string[]>()
  const events = { message: () => {}, lost: (_worker: unknown, rooms: string[]) => lost.resolve(rooms) }
  const pool = await WorkerPool.start(settings, 1, events, silentLog)
  try {
    const [port] = pool.ports
    const first = pool.assign('room')!
    process.kill(first.pid, 'SIGKILL')
    assert.deepEqual(await lost.promise, ['room'])
    assert.equal(pool.assign('room'), undefined)
    await pool.available()
    const second = pool.assign('room')!
    assert.notEqual(second.pid, first.pid)
    assert.deepEqual(pool.ports, [port])
    assert.equal((await pool.metrics()).length, 1)
  } finally {
    await pool.close()
  }
})
