// tier: quick, 25 s
// In the meeting by telephone: what the keys do, and what the organizer does to a caller.
import assert from 'node:assert/strict'
import { until } from '../door/lib/person.ts'
import { now, told } from '../lib/prompts.ts'
import { shareOf } from '../lib/sound.ts'
import { beside, phonesIn, phonesSeenBy, phoneTone } from './lib/exchange.ts'
import { together } from './lib/together.ts'

beside('in the room', {}, (scene) => {
  scene('keys: *6 mutes for all to see, *5 raises the hand, *4 counts, *1 helps, *9 leaves', async (exchange) => {
    const { organizer, voice, phone, seen } = await together(exchange)
    const microphone = () => [...seen.trackPublications.values()][0]!
    let from = await now(phone)
    phone.press('*6')
    await until('the telephone to be shown muted', async () => microphone().muted)
    await told(phone, 'muted', 'en', from)
    from = await now(phone)
    phone.press('*6')
    await until('the telephone to be shown unmuted', async () => !microphone().muted)
    await told(phone, 'unmuted', 'en', from)
    await until(
      'it to be heard again',
      async () => shareOf(await voice.listenTo(seen.identity, 0.5), phoneTone, voice.rate) > 0.8,
    )
    phone.press('*5')
    const hand = await until('the hand', async () => seen.attributes.hand)
    assert.ok(Math.abs(Date.parse(hand) - Date.now()) < 60_000, `raised when: ${hand}`)
    await told(phone, 'hand-raised')
    phone.press('*5')
    await until('the hand to be down', async () => !seen.attributes.hand)
    await told(phone, 'hand-lowered')
    phone.press('*4')
    await told(phone, 'one-person')
    phone.press('*1')
    await told(phone, 'help')
    assert.ok((await organizer.send('PATCH', '/api/room/policy', { allowReactions: false })).status < 300)
    phone.press('*5')
    await told(phone, 'may-not-raise')
    assert.ok(!seen.attributes.hand)
    phone.press('*9')
    await told(phone, 'goodbye')
    await phone.over()
    await phonesIn(organizer, 0)
  })

  scene('the organizer mutes a telephone, which hears so; where attendees may not speak it stays muted', async (exchange) => {
    const { organizer, voice, phone, seen } = await together(exchange)
    const microphone = () => [...(phonesSeenBy(organizer)[0]?.trackPublications.values() ?? [])][0]
    assert.equal((await organizer.post(`/api/room/participants/${seen.identity}/mute`)).status < 300, true)
    await told(phone, 'muted-by-organizer')
    await until('the telephone to be shown muted', async () => microphone()?.muted)
    phone.press('*6')
    await until('the telephone to speak again', async () => microphone()?.muted === false)
    const silenced = await organizer.send('PATCH', '/api/room/policy', { allowMicrophone: false })
    assert.ok(silenced.status < 300)
    await told(phone, 'joined-muted')
    await told(phone, 'may-not-unmute')
    await until('the telephone to be silent', async () => microphone()?.muted !== false)
    let from = await now(phone)
    phone.press('*6')
    await told(phone, 'may-not-unmute', 'en', from)
    assert.ok((await organizer.send('PATCH', '/api/room/policy', { allowMicrophone: true })).status < 300)
    await told(phone, 'joined-muted', 'en', from)
    await told(phone, 'how-to-speak', 'en', from)
    from = await now(phone)
    phone.press('*6')
    await told(phone, 'unmuted', 'en', from)
    await until('the telephone to speak after all', async () => microphone()?.muted === false)
    await until(
      'it to be heard again',
      async () => shareOf(await voice.listenTo(seen.identity, 0.5), phoneTone, voice.rate) > 0.8,
    )
  })
})
