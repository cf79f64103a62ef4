import type { SipRequest } from '../message/message.ts'
import { parseParams } from '../message/params.ts'
import { Scanner } from '../message/scan.ts'

/** What RFC 4028 says about one call. Seconds. */
export interface SessionTimer {
  interval: number
  /** Which side sends the refreshes: they, or we. */
  refresher: 'peer' | 'us'
}

export type SessionDecision =
  | { outcome: 'none' }
  | { outcome: 'timer'; timer: SessionTimer; headers: [string, string][] }
  | { outcome: 'too-small'; minimum: number }

export interface SessionTimerSettings {
  /** What we ask for when the peer supports timers but named none. */
  interval: number
  /** The least we take (RFC 4028 section 5: never under 90). */
  minimum: number
}

export const defaultSessionTimer: SessionTimerSettings = { interval: 1_800, minimum: 90 }

/** Decide on the session timer of an INVITE or UPDATE as its server (RFC 4028 section 9). */
export function decideSessionTimer(request: SipRequest, settings = defaultSessionTimer): SessionDecision {
  const supported = request.headers.tokens('Supported').includes('timer') || request.headers.tokens('Require').includes('timer')
  const asked = readSessionExpires(request.headers.get('Session-Expires'))
  if (asked && asked.interval < settings.minimum) {
    // A peer that does not know timers cannot act on 422 (section 9).
    return supported ? { outcome: 'too-small', minimum: settings.minimum } : { outcome: 'none' }
  }
  if (!supported) return { outcome: 'none' }
  const floor = Number(request.headers.get('Min-SE')?.split(';', 1)[0] ?? 0) || 0
  const interval = asked?.interval ?? Math.max(settings.interval, floor)
  const refresher = asked?.refresher === 'uas' ? 'us' : 'peer'
  return {
    outcome: 'timer',
    timer: { interval, refresher },
    headers: sessionHeaders(interval, refresher === 'us' ? 'uas' : 'uac'),
  }
}

/** Read Session-Expires; nothing when it is missing or malformed. */
export function readSessionExpires(value: string | undefined): { interval: number; refresher: string | undefined } | undefined {
  const scanner = new Scanner(value ?? '')
  const digits = scanner.run('digit')
  scanner.blanks()
  const hasParams = scanner.char(';')
  if (digits === '' || digits.length > 9 || (!hasParams && !scanner.done)) return undefined
  try {
    const params = hasParams ? parseParams(scanner.rest(), 'Session-Expires') : undefined
    return { interval: Number(digits), refresher: params?.get('refresher')?.toLowerCase() }
  } catch {
    return undefined
  }
}

/** The headers that state a timer; a peer that refreshes must know timers, so then they are required. */
function sessionHeaders(interval: number, refresher: 'uac' | 'uas'): [string, string][] {
  const headers: [string, string][] = [['Session-Expires', `${interval};refresher=${refresher}`]]
  if (refresher === 'uac') headers.push(['Require', 'timer'])
  return headers
}

/** Milliseconds after which the refreshing side refreshes, and after which the other gives up (sections 9 and 10). */
export function sessionDelays(timer: SessionTimer): { refresh: number; expire: number } {
  const { interval } = timer
  return { refresh: (interval / 2) * 1000, expire: Math.max(interval - Math.min(32, interval / 3), 1) * 1000 }
}
