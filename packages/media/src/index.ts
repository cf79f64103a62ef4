export type { Log } from './common/log.ts'
export { MediaError, type MediaErrorCode } from './common/media-error.ts'
export { MediaServer, type MediaServerMetrics, type MediaServerOptions } from './server.ts'
export type { WorkerMetrics } from './workers/wire.ts'
