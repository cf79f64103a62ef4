import type { Config } from '../../config/config.ts'
import { isLoopback } from '../../config/parse.ts'
import type { FrontHandler } from '../../http/listen.ts'
import { type MediaLink, ownUrl } from './media-link.ts'

interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Start the embedded media server; null when the configuration names another one. */
export async function startEmbeddedMedia(config: Config, link: MediaLink, log: Log): Promise<FrontHandler | null> {
  if (config.media.external !== null) return null
  // Loaded here so that the CLI and servers with media elsewhere never load the native part.
  const { MediaServer } = await import('@parley/media')
  return MediaServer.start({
    keys: { [link.key]: link.secret },
    udpPort: config.media.port,
    workers: config.media.workers,
    udpHost: isLoopback(config.host) ? '127.0.0.1' : '0.0.0.0',
    announcedAddresses: config.media.addresses,
    iceServers: config.media.iceServers,
    // Nobody speaks past those who run the meeting.
    subscriptionPermissions: false,
    webhooks: [{ url: `${ownUrl(config)}/livekit/webhook`, key: link.key }],
    log,
  })
}
