export type { WorkerMetrics } from './cluster/wire.ts'
export type { Log } from './log.ts'
export { MediaServer, type MediaServerMetrics, type MediaServerOptions } from './server.ts'
