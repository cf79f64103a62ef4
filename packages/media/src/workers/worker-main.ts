import type { FromWorker, ToWorker } from './wire.ts'
import { Worker } from './worker.ts'

/** Entry of a worker process: rooms live here, sockets in the parent. It ends with the parent. */
const post = (message: FromWorker): void => {
  if (process.connected) process.send!(message)
}

let worker: Promise<Worker> | undefined

process.on('message', (message: ToWorker) => {
  if (message.kind === 'start') {
    worker = Worker.start(message.settings, post)
    worker.catch((error: unknown) => {
      process.stderr.write(`media worker: ${error instanceof Error ? error.message : String(error)}\n`)
      process.exit(1)
    })
    return
  }
  void worker?.then((started) => {
    started.handle(message)
    if (message.kind === 'stop') setTimeout(() => process.exit(0), 50)
  })
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole process group; the parent decides when to stop.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
