import { token } from '../../../packages/media/rig/keys.ts'
import { MediaServer } from '../../../packages/media/rig/server.ts'
import { Participant } from './participant.ts'
import { residentBytes } from './process-clock.ts'

/** Memory of the server after so many joins and leaves; bytes. `heap` is undefined where the server does not tell. */
export interface MemoryPoint {
  joins: number
  resident: number
  heap?: number
  external?: number
}

const room = 'coming-and-going'

async function collected(server: MediaServer): Promise<{ heapUsed: number; external: number } | undefined> {
  if (server.target === 'livekit') return undefined
  const response = await fetch(`${server.httpUrl}/test/gc`, { method: 'POST' })
  return response.ok ? ((await response.json()) as { heapUsed: number; external: number }) : undefined
}

/** Join and leave, four at a time, each with a connected media transport; returns the points asked for. */
export async function memoryOver(target: MediaServer['target'], points: number[]): Promise<MemoryPoint[]> {
  const server = await MediaServer.start({ target, nodeFlags: ['--expose-gc'], workers: 1 })
  try {
    const host = new Participant('host', server.url, await token(server.keys, 'host', room))
    await host.joined()
    await host.publish([{ width: 320, height: 180, bitrate: 50_000 }], true)
    const measured: MemoryPoint[] = []
    let joins = 0
    for (const point of points) {
      const visit = async () => {
        while (joins < point) {
          const identity = `visitor-${++joins}`
          const visitor = new Participant(identity, server.url, await token(server.keys, identity, room))
          await visitor.joined()
          await visitor.heard(10_000)
          visitor.leave()
        }
      }
      await Promise.all(Array.from({ length: 4 }, visit))
      // Departures finish behind the last leave; collect twice, as finalizers free native memory only after the first.
      await new Promise((resolve) => setTimeout(resolve, 3000))
      await collected(server)
      const heap = await collected(server)
      measured.push({
        joins: point,
        resident: residentBytes(server.pid),
        ...(heap ? { heap: heap.heapUsed, external: heap.external } : {}),
      })
    }
    host.leave()
    return measured
  } finally {
    await server.close()
  }
}
