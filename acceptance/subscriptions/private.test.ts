// tier: quick, 5 s
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clientOf, inMinutes, makeMeeting, openScene, refusalOf, type Scene } from './lib.ts'

let scene: Scene
before(async () => {
  scene = await openScene({})
})
after(async () => scene.close())

test('without the setting no address that is not public is ever called', async () => {
  const client = clientOf(scene.server, await scene.issuer.app(['Chat.Read.All']))
  const { chatId } = await makeMeeting(scene.server)
  const port = new URL(scene.receiver.url).port
  for (const host of [
    'localhost',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.0.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '[fd00::1]',
    '0.0.0.0',
  ])
    for (const member of ['notificationUrl', 'lifecycleNotificationUrl']) {
      const urls =
        member === 'notificationUrl'
          ? { notificationUrl: `https://${host}:${port}/x` }
          : { notificationUrl: `https://${host}:${port}/x`, lifecycleNotificationUrl: `https://${host}:${port}/y` }
      const body = { changeType: 'created', resource: `chats/${chatId}/messages`, expirationDateTime: inMinutes(5), ...urls }
      const refusal = await refusalOf(client.api('/subscriptions').post(body))
      assert.deepEqual([refusal.status, refusal.code], [400, 'ValidationError'], host)
      assert.match(refusal.message, /not public/)
    }
  const plain = {
    changeType: 'created',
    resource: `chats/${chatId}/messages`,
    expirationDateTime: inMinutes(5),
    notificationUrl: 'http://localhost/',
  }
  assert.match((await refusalOf(client.api('/subscriptions').post(plain))).message, /'notificationUrl': must be an https address/)
  assert.equal(scene.receiver.handshakes.length, 0)
})
