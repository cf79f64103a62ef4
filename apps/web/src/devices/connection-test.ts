import type { Key } from '../i18n/en.ts'
import type { Values } from '../i18n/translate.ts'
import type { DeviceSession } from './device-session.ts'

/** One line of the connection test: what was tried, how it went, and the sentence that says so. */
export type Check = { id: string; status: 'good' | 'warn' | 'bad'; text: Key; values?: Values }

const within = <T>(work: Promise<T>, ms: number): Promise<T> =>
  Promise.race([work, new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer in time')), ms))])

async function serverAnswers(): Promise<Check> {
  const started = performance.now()
  try {
    await within(fetch(location.href, { method: 'HEAD', cache: 'no-store' }), 8000)
    return { id: 'server', status: 'good', text: 'test.server.good', values: { ms: Math.round(performance.now() - started) } }
  } catch {
    return { id: 'server', status: 'bad', text: 'test.server.bad' }
  }
}

/** True when the browser itself has a UDP way out (policies, extensions and VPNs can take it away). No outside server is asked. */
async function hasUdp(): Promise<boolean> {
  const peer = new RTCPeerConnection()
  try {
    peer.createDataChannel('test')
    const found = new Promise<boolean>((resolve) => {
      peer.addEventListener('icecandidate', ({ candidate }) => {
        if (!candidate) resolve(false)
        else if (candidate.protocol === 'udp' || / udp /i.test(candidate.candidate)) resolve(true)
      })
    })
    await peer.setLocalDescription(await peer.createOffer())
    return await within(found, 5000)
  } catch {
    return false
  } finally {
    peer.close()
  }
}

async function mediaPath(address: string): Promise<Check> {
  try {
    const response = await fetch(address, { method: 'POST', headers: { 'x-parley-csrf': '1' } })
    if (response.status === 429) return { id: 'path', status: 'warn', text: 'test.path.later' }
    if (!response.ok) throw new Error(String(response.status))
    const { url, token } = (await response.json()) as { url: string; token: string }
    const { tryMediaPath } = await import('./media-path.ts')
    const outcome = await tryMediaPath(url, token)
    if (outcome === 'good') return { id: 'path', status: 'good', text: 'test.path.good' }
    return { id: 'path', status: 'bad', text: outcome === 'signal' ? 'test.signal.bad' : 'test.path.bad' }
  } catch {
    return { id: 'path', status: 'bad', text: 'test.server.bad' }
  }
}

function deviceCheck(session: DeviceSession, kind: 'camera' | 'microphone'): Check | null {
  const { problem, wanted, [kind]: track } = session.store.get()
  const wrong = problem[kind]
  if (wrong) return { id: kind, status: 'warn', text: `problem.${kind}.${wrong}` }
  if (!track) return wanted[kind] ? { id: kind, status: 'warn', text: `problem.${kind}.failed` } : null
  if (kind === 'microphone' && track.muted) return { id: kind, status: 'warn', text: 'test.microphone.silent' }
  return { id: kind, status: 'good', text: `test.${kind}.good` }
}

/** Try everything a call needs; `each` is given the list so far after every step. `pathUrl`: see PageData.connectionTest. */
export async function testConnection(
  session: DeviceSession,
  pathUrl: string | null,
  each: (checks: Check[]) => void,
): Promise<Check[]> {
  const checks: Check[] = []
  const add = (check: Check | null) => {
    if (check) checks.push(check)
    each([...checks])
  }
  const { blocked } = session.store.get()
  add(
    blocked === 'insecure'
      ? { id: 'secure', status: 'bad', text: 'problem.insecure' }
      : { id: 'secure', status: 'good', text: 'test.secure.good' },
  )
  const supported = typeof RTCPeerConnection === 'function'
  add(
    supported
      ? { id: 'browser', status: 'good', text: 'test.browser.good' }
      : { id: 'browser', status: 'bad', text: 'problem.unsupported' },
  )
  const server = await serverAnswers()
  add(server)
  if (!blocked) {
    for (const kind of ['camera', 'microphone'] as const) if (session.store.get().problem[kind]) await session.retry(kind)
    add(deviceCheck(session, 'camera'))
    add(deviceCheck(session, 'microphone'))
  }
  if (supported) {
    const udp = await hasUdp()
    const path = pathUrl && server.status === 'good' ? await mediaPath(pathUrl) : null
    if (udp) add({ id: 'udp', status: 'good', text: 'test.udp.good' })
    // A relay may carry what the browser itself cannot send; then the person has nothing to do.
    else if (path?.status === 'good') add({ id: 'udp', status: 'warn', text: 'test.udp.relayed' })
    else add({ id: 'udp', status: 'bad', text: 'test.udp.bad' })
    // Without a way out of the browser the media path cannot work; one sentence says it.
    if (path && (udp || path.status === 'good')) add(path)
  }
  return checks
}
