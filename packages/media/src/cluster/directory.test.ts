import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../log.ts'
import { createCertificate } from '../peer/certificate.ts'
import { Directory } from './directory.ts'
import type { WorkerSettings } from './wire.ts'

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
  const directory = await Directory.start(settings, 1, events, silentLog)
  try {
    const [port] = directory.ports
    const first = directory.assign('room')!
    process.kill(first.pid, 'SIGKILL')
    assert.deepEqual(await lost.promise, ['room'])
    assert.equal(directory.assign('room'), undefined)
    await directory.available()
    const second = directory.assign('room')!
    assert.notEqual(second.pid, first.pid)
    assert.deepEqual(directory.ports, [port])
    assert.equal((await directory.metrics()).length, 1)
  } finally {
    await directory.close()
  }
})
