export type { Log } from './log.ts'
export { MediaServer, type MediaServerMetrics, type MediaServerOptions } from './server.ts'
export type { WorkerMetrics } from './workers/wire.ts'
