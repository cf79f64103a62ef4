import { Beats, pause } from './beat.ts'
import { Caller } from './caller.ts'
import type { House } from './house.ts'
import { enter } from './legs.ts'

/** Milliseconds, of one call each: to the answer, to the first word, and from the last key to the first word in the meeting. */
export interface GreetingResult {
  answered: number[]
  greeted: number[]
  inside: number[]
  /** From the last key until another participant is told that the telephone is there. */
  seen: number[]
}

/** One call after another into one meeting, as a caller meets it. */
export async function measureGreeting(house: House, calls: number): Promise<GreetingResult> {
  const beats = new Beats()
  let joinedAt = 0
  const meeting = await house.meeting(() => {
    joinedAt = performance.now()
  })
  const result: GreetingResult = { answered: [], greeted: [], inside: [], seen: [] }
  for (let index = 0; index < calls; index++) {
    const began = performance.now()
    const caller = await Caller.call(house.sipPort)
    const beat = () => caller.beat()
    beats.members.add(beat)
    result.answered.push(caller.answeredMs)
    result.greeted.push((await caller.word()) - began)
    const inside = await enter(caller, meeting.passcode)
    result.inside.push(inside)
    result.seen.push(inside - (performance.now() - joinedAt))
    beats.members.delete(beat)
    caller.hangUp()
    await pause(150)
    caller.close()
  }
  beats.stop()
  await meeting.participant.close()
  return result
}
