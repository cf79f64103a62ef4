import { token } from '../../../packages/media/test/harness/keys.ts'
import { MediaServer } from '../../../packages/media/test/harness/server.ts'
import { Participant } from './participant.ts'
import { residentBytes } from './process-clock.ts'

/** Memory after so many joins and leaves, bytes: all processes of the server, its one worker, that worker's heap, the main process's heap. */
export interface MemoryPoint {
  joins: number
  resident: number
  worker?: number
  heap?: number
  mainHeap?: number
}

const visitorsAtOnce = 12
const room = 'coming-and-going'

interface Figures {
  residentBytes: number
  heapBytes: number
}

/** The server's own figures; with --expose-gc each process collects before it tells. */
async function collected(server: MediaServer): Promise<Omit<MemoryPoint, 'joins' | 'resident'>> {
  if (server.target === 'livekit') return {}
  const response = await fetch(`${server.httpUrl}/metrics`)
  const { workers, heapBytes } = (await response.json()) as Figures & { workers: Figures[] }
  const sum = (key: keyof Figures) => workers.reduce((total, worker) => total + worker[key], 0)
  return { worker: sum('residentBytes'), heap: sum('heapBytes'), mainHeap: heapBytes }
}

/** Join and leave, a dozen at a time, each with a connected media transport; returns the points asked for. */
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
      await Promise.all(Array.from({ length: visitorsAtOnce }, visit))
      // Departures finish behind the last leave; collect twice, as finalizers free native memory only after the first.
      await new Promise((resolve) => setTimeout(resolve, 3000))
      await collected(server)
      const held = await collected(server)
      measured.push({ joins: point, resident: residentBytes(server.pid), ...held })
    }
    host.leave()
    return measured
  } finally {
    await server.close()
  }
}
