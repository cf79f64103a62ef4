import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { MediaServer } from '../../../packages/media/test/harness/server.ts'
import type { Order, Report } from './load.ts'
import { machineSeconds, processorSeconds } from './process-clock.ts'

type Plan = { kind: 'broadcast'; receivers: number; seconds: number } | { kind: 'meeting'; people: number; seconds: number }

/** What one run of the load generator showed. Delays in milliseconds. */
export interface Measured {
  packets: number
  perSecond: number
  /** Share of the packets expected that arrived; 1 when the plan expects no number. */
  arrived: number
  serverCores: number
  generatorCores: number
  /** Cores that anything else on the machine used meanwhile, the kernel's network work included. */
  otherCores: number
  microsecondsPerPacket: number
  p50: number
  p95: number
  firstPacketP50: number
}

const program = fileURLToPath(new URL('./load.ts', import.meta.url))
let runs = 0

/** Run the load generator once against the server, its processor time read around the measured seconds. */
export async function measure(server: MediaServer, plan: Plan, core?: number): Promise<Measured> {
  const order = { ...plan, url: server.url, ...server.keys, room: `load-${process.pid}-${++runs}` } as Order
  const child: ChildProcess = fork(program, { execArgv: ['--disable-warning=ExperimentalWarning'] })
  if (core !== undefined && child.pid) pin(child.pid, core)
  let before = 0
  let used = 0
  let machine = 0
  try {
    return await new Promise<Measured>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the load generator ended early')))
      child.on('message', (report: Report) => {
        if (report.kind === 'start') {
          before = processorSeconds(server.pid)
          machine = machineSeconds()
        } else if (report.kind === 'stop') {
          used = processorSeconds(server.pid) - before
          machine = machineSeconds() - machine
        } else if (report.kind === 'failed') reject(new Error(report.message))
        else {
          const { packets, seconds, expected } = report
          resolve({
            packets,
            perSecond: packets / seconds,
            arrived: expected > 0 ? packets / seconds / expected : 1,
            serverCores: used / seconds,
            generatorCores: report.ownCpu,
            otherCores: Math.max(0, machine / seconds - used / seconds - report.ownCpu),
            microsecondsPerPacket: (used * 1e6) / Math.max(1, packets),
            p50: report.p50,
            p95: report.p95,
            firstPacketP50: report.firstPacketP50,
          })
        }
      })
      child.send(order)
    })
  } finally {
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      const hard = setTimeout(() => child.kill('SIGKILL'), 3000)
      await ended
      clearTimeout(hard)
    }
  }
}

/** Keep all threads of a process on one core. */
function pin(pid: number, core: number): void {
  const result = spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
  if (result.status !== 0) throw new Error('taskset (util-linux) is needed to hold a server on one core')
}
