import { readdirSync, readFileSync } from 'node:fs'

/** The processes a process started whose command line has some text (Linux). */
export function childrenOf(parent: number, text: string): number[] {
  const isChild = (pid: number) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return status.includes(`\nPPid:\t${parent}\n`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
    } catch {
      // It has ended since.
      return false
    }
  }
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isChild(pid))
}
