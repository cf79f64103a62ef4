import { levelOf } from '../../../packages/sip/src/media/pcm.ts'
import { tone } from '../../../packages/sip/src/media/tone.ts'
import { Beats, pause, percentile } from './beat.ts'
import { Caller } from './caller.ts'
import { type House, type Meeting, participantRate } from './house.ts'

/** What grew while everybody came in at once has shrunk again by then. */
const warmUpMs = 12_000
/** Beats of 20 ms from mark to mark, of telephone and participant in turn. */
const markBeats = 20
/** How many telephones of a meeting are listened at. */
const mostListeners = 5
/** What a participant says all the time, and what is waited for. */
const voice = tone(participantRate, 20, [400], 0.03)
const mark = tone(participantRate, 20, [600], 0.5)

export interface LegsResult {
  legs: number
  meetings: number
  /** Share of a core: of the process that answers calls, and of the media server. */
  server: number
  media: number
  /** Milliseconds from mouth to ear, by way. */
  delays: Record<'telephone to telephone' | 'telephone to participant' | 'participant to telephone', number[]>
  memoryMiB: number
  callersLateMs: number
}

/** Come in with the passcode; resolves when the caller is told to be in, with how long that took from the last digit. */
export async function enter(caller: Caller, passcode: string): Promise<number> {
  for (const digit of passcode) {
    caller.press(digit)
    await pause(30)
  }
  const pressed = performance.now()
  caller.press('#')
  return (await caller.word()) - pressed
}

/** So many telephones in meetings of a size, one of each meeting speaking: what it costs, and how late it is heard. */
export async function measureLegs(house: House, legs: number, size: number, seconds: number): Promise<LegsResult> {
  const beats = new Beats()
  const meetings: Meeting[] = []
  const callers: Caller[] = []
  const waiting: number[] = []
  for (let first = 0; first < legs; first += size) meetings.push(await house.meeting())
  for (let index = 0; index < legs; index++) waiting.push(index)
  const bring = async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      const caller = await Caller.call(house.sipPort)
      callers[index] = caller
      beats.members.add(() => caller.beat())
      await enter(caller, meetings[Math.floor(index / size)]!.passcode)
    }
  }
  await Promise.all(Array.from({ length: 8 }, bring))
  const delays: LegsResult['delays'] = {
    'telephone to telephone': [],
    'telephone to participant': [],
    'participant to telephone': [],
  }
  for (const [index, meeting] of meetings.entries()) {
    const [speaker, ...others] = callers.slice(index * size, (index + 1) * size)
    speaker!.speaks = true
    watch(beats, meeting, speaker!, others.slice(0, mostListeners), delays)
  }
  await pause(warmUpMs)
  for (const values of Object.values(delays)) values.length = 0
  beats.lateMs = 0
  const [before, at] = [house.usage(), performance.now()]
  await pause(seconds * 1_000)
  const [after, elapsed] = [house.usage(), (performance.now() - at) / 1_000]
  const result = {
    legs,
    meetings: meetings.length,
    server: (after.server - before.server) / elapsed,
    media: (after.media - before.media) / elapsed,
    delays,
    memoryMiB: house.memoryMiB,
    callersLateMs: beats.lateMs,
  }
  for (const caller of callers) caller.hangUp()
  for (const { participant } of meetings) await participant.close()
  await pause(500)
  beats.stop()
  for (const caller of callers) caller.close()
  return result
}

/** Have marks go every way in turn, and note when they arrive. A packet holds the 20 ms before it was sent. */
function watch(beats: Beats, { participant }: Meeting, speaker: Caller, listeners: Caller[], delays: LegsResult['delays']): void {
  const waiting = new Set<Caller | 'participant'>()
  let spokeAt = 0
  let turn = -1
  for (const listener of listeners) {
    listener.onPacket = (at, loudest) => {
      if (loudest !== 'mark' || !waiting.delete(listener)) return
      if (turn < markBeats) delays['telephone to telephone'].push(at - speaker.markedAt + 20)
      else delays['participant to telephone'].push(at - spokeAt + 20)
    }
  }
  beats.members.add(() => {
    turn = (turn + 1) % (2 * markBeats)
    const speaks = turn === markBeats
    if (turn === 0 || speaks) for (const listener of listeners) waiting.add(listener)
    if (turn === 0) {
      waiting.add('participant')
      speaker.mark()
    }
    if (speaks) spokeAt = performance.now()
    participant.speak(speaks ? mark : voice)
    const heard = participant.hear()
    if (heard && levelOf(heard) > -20 && waiting.delete('participant'))
      delays['telephone to participant'].push(performance.now() - speaker.markedAt + 20)
  })
}

/** The middle and the 95th of a hundred, in whole milliseconds. */
export function spread(values: readonly number[]): string {
  return `${percentile(values, 0.5).toFixed(0)} / ${percentile(values, 0.95).toFixed(0)}`
}
