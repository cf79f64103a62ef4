import { readdirSync, readFileSync } from 'node:fs'

interface Clock {
  parent: number
  seconds: number
}

/** One process's parent and processor time (user and system, all threads); a tick is 1/100 s on Linux. */
function clock(pid: number): Clock | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / 100 }
  } catch {
    // The process ended between listing and reading.
    return undefined
  }
}

/** The process and everything it started that still runs. */
export function family(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const each = Number(name)
    const found = Number.isInteger(each) ? clock(each) : undefined
    if (found) parents.set(each, found.parent)
  }
  const members = [pid]
  for (let index = 0; index < members.length; index++) {
    for (const [child, parent] of parents) if (parent === members[index]) members.push(child)
  }
  return members
}

/** Seconds of processor time used by a server, its threads and its child processes. */
export const processorSeconds = (pid: number) => family(pid).reduce((sum, each) => sum + (clock(each)?.seconds ?? 0), 0)

/** Resident memory of a server and its child processes, in bytes. */
export const residentBytes = (pid: number) =>
  family(pid).reduce((sum, each) => {
    try {
      return sum + Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1] ?? 0) * 1024
    } catch {
      return sum
    }
  }, 0)

/** Seconds all cores have been busy since start, with what everybody runs. */
export function machineSeconds(): number {
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user! + nice! + system! + irq! + softirq! + steal!) / 100
}
