import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Beats, pause } from './beat.ts'
import { Caller } from './caller.ts'
import type { FloodOrder } from './flood-main.ts'
import type { House } from './house.ts'
import { enter } from './legs.ts'

export interface FloodResult {
  perSecond: number
  seconds: number
  /** The longest time without a frame of the other's voice, milliseconds: calm, and in the flood. */
  calmGapMs: number
  floodGapMs: number
  /** Packets of voice heard and expected in the flood. */
  heard: number
  expected: number
  /** How late the callers were themselves, milliseconds: a gap as long may be theirs. */
  callersLateMs: number
  /** Share of a core the process that answers calls took: calm, and in the flood. */
  calmServer: number
  floodServer: number
}

/** A flood of strangers' packets on a live call, in which one telephone speaks and another hears it. */
export async function measureFlood(house: House, perSecond: number, seconds: number): Promise<FloodResult> {
  const beats = new Beats()
  const meeting = await house.meeting()
  const [speaker, listener] = [await Caller.call(house.sipPort), await Caller.call(house.sipPort)]
  for (const caller of [speaker, listener]) {
    beats.members.add(() => caller.beat())
    await enter(caller, meeting.passcode)
  }
  speaker.speaks = true
  await pause(4_000)
  const watched = { gap: 0, heard: 0, last: performance.now() }
  listener.onPacket = (at, loudest) => {
    if (loudest === 'quiet') return
    watched.gap = Math.max(watched.gap, at - watched.last)
    watched.last = at
    watched.heard++
  }
  const look = async (during: Promise<unknown>) => {
    Object.assign(watched, { gap: 0, heard: 0, last: performance.now() })
    const [before, began] = [house.usage(), performance.now()]
    await during
    const ms = performance.now() - began
    const server = ((house.usage().server - before.server) * 1_000) / ms
    // A voice that never came back is a gap too.
    return { gap: Math.max(watched.gap, performance.now() - watched.last), heard: watched.heard, ms, server }
  }
  const calm = await look(pause(seconds * 500))
  beats.lateMs = 0
  const order: FloodOrder = {
    sipPort: house.sipPort,
    rtpPorts: [speaker.remotePort, listener.remotePort, speaker.remotePort + 1],
    perSecond,
    seconds,
  }
  const child = fork(join(import.meta.dirname, 'flood-main.ts'), [JSON.stringify(order)])
  const told = once(child, 'message')
  const flood = await look(told)
  const [{ sent, seconds: took }] = (await told) as [{ sent: number; seconds: number }]
  await meeting.participant.close()
  for (const caller of [speaker, listener]) caller.hangUp()
  await pause(300)
  beats.stop()
  for (const caller of [speaker, listener]) caller.close()
  return {
    perSecond: sent / took,
    seconds: took,
    calmGapMs: calm.gap,
    floodGapMs: flood.gap,
    heard: flood.heard,
    expected: Math.round(flood.ms / 20),
    callersLateMs: beats.lateMs,
    calmServer: calm.server,
    floodServer: flood.server,
  }
}
