import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'

/** How to reach the media server, whichever it is. */
export interface MediaLink {
  /** Where its RoomService answers (http or https). */
  apiUrl: string
  key: string
  secret: string
  /**
   * Seconds a media token opens the room; afterwards the door is asked for another. The embedded server ends tokens with
   * the rights they were signed with; livekit-server cannot, so there they hardly outlive the way to it.
   */
  tokenLifetime: number
  /** The WebSocket address for a client that reached us at an origin. */
  clientUrl(origin: string): string
}

const mediaKeysPath = (config: Config) => join(config.dataFolder, 'media.json')

/** The secret that links of ours are signed with; made on first start, whichever media server is used. */
export function readRoomSecret(config: Config): string {
  return ownKeys(config).secret
}

/** The link a configuration asks for. For the embedded server, key and secret are made on first start (mode 0600). */
export function openMediaLink(config: Config): MediaLink {
  const { external } = config.media
  if (external !== null) {
    const { url, key, secret } = external
    const tokenLifetime = 60
    return { apiUrl: url.replace(/^ws/, 'http'), key, secret, tokenLifetime, clientUrl: () => url.replace(/^http/, 'ws') }
  }
  const tokenLifetime = 5 * 60
  return { apiUrl: ownUrl(config), ...ownKeys(config), tokenLifetime, clientUrl: (origin) => origin.replace(/^http/, 'ws') }
}

/** The address by which this process reaches its own http port. */
export function ownUrl(config: Pick<Config, 'host' | 'port'>): string {
  const host = config.host === '0.0.0.0' ? '127.0.0.1' : config.host === '::' ? '::1' : config.host
  return `http://${isIPv6(host) ? `[${host}]` : host}:${config.port}`
}

function ownKeys(config: Config): { key: string; secret: string } {
  const path = mediaKeysPath(config)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as { key: string; secret: string }
  const keys = { key: `PARLEY${randomBytes(6).toString('hex')}`, secret: randomBytes(32).toString('base64url') }
  writeFileSync(path, `${JSON.stringify(keys)}\n`, { mode: 0o600 })
  return keys
}
