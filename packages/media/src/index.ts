export type { Log } from './common/log.ts'
export { MediaServer, type MediaServerMetrics, type MediaServerOptions } from './server.ts'
export type { WorkerMetrics } from './workers/wire.ts'
