import { told } from '../../lib/prompts.ts'
import { type Exchange, phonesIn } from './exchange.ts'
import { Voice } from './voice.ts'

/** The organizer in the room with a voice of 1 kHz, and a telephone that has come in. */
export async function together(exchange: Exchange) {
  const meeting = await exchange.meeting()
  const organizer = await exchange.house.organizer(meeting)
  await organizer.enter()
  const voice = await Voice.open(organizer.room!, 1_000)
  const phone = await exchange.call(meeting)
  const [seen] = await phonesIn(organizer, 1)
  await told(phone, 'joined')
  return { meeting, organizer, voice, phone, seen: seen! }
}
