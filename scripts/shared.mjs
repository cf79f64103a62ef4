// One server for all suites that need none of their own (`shared` in their first line).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from './setup.mjs'

/** Start it; resolves to what suites get in their environment, and how to end it. Rejects when it does not start. */
export async function startShared(node) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, 'acceptance/lib/shared-server.ts')], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const line = once(createInterface({ input: child.stdout }), 'line')
  const ended = exited.then(([code]) => Promise.reject(new Error(`the shared server ended with ${code}`)))
  const [text] = await Promise.race([line, ended])
  // Suites that run then fail by themselves.
  ended.catch(() => {})
  return {
    env: { TEST_SERVER: text },
    async close() {
      child.stdin.end()
      await exited
    },
  }
}
