import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config/config.ts'

/** Where the server of a data folder listens, for the commands that work on the folder beside it. */
export type ServerAddress = Pick<Config, 'host' | 'port' | 'httpsPort' | 'baseUrl' | 'httpsBaseUrl' | 'publicUrl' | 'issuerBase'>

export const serverAddressPath = (config: Pick<Config, 'dataFolder'>) => join(config.dataFolder, 'server.json')

/** Note where this server listens. */
export function writeServerAddress(config: Config): void {
  const { host, port, httpsPort, baseUrl, httpsBaseUrl, publicUrl, issuerBase } = config
  const content: ServerAddress = { host, port, httpsPort, baseUrl, httpsBaseUrl, publicUrl, issuerBase }
  writeFileSync(serverAddressPath(config), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
}
