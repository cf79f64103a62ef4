import { isIP } from 'node:net'
import { SettingError, type SettingName } from './settings.ts'

/** A port, 0 to 65535. */
export function parsePort(name: SettingName, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback
  const port = Number(value)
  if (!/^\d{1,5}$/.test(value) || port > 65_535) throw new SettingError(name, `must be a port from 0 to 65535, not "${value}"`)
  return port
}

/** A count of bytes, whole, with k, M or G for powers of 1024; at most 100 GiB. */
export function parseSize(name: SettingName, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback
  const match = /^(\d{1,12})([kmg]?)(?:i?b)?$/i.exec(value.trim())
  const bytes = match === null ? Number.NaN : Number(match[1]) * 1024 ** ' kmg'.indexOf(match[2]?.toLowerCase() || ' ')
  if (!(bytes <= 100 * 1024 ** 3)) throw new SettingError(name, `must be a number of bytes like 500k, 25M or 1G, not "${value}"`)
  return bytes
}

/** A whole number from 1 to a million. */
export function parseCount(name: SettingName, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback
  const count = Number(value)
  if (!/^\d{1,7}$/.test(value) || count < 1 || count > 1_000_000)
    throw new SettingError(name, `must be a whole number from 1 to 1000000, not "${value}"`)
  return count
}

/** An http or https origin without path, query or trailing slash. */
export function parseOrigin(name: SettingName, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new SettingError(name, `must be an http or https address, not "${value}"`)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new SettingError(name, `must be an origin like https://meet.example.org, without path or query, not "${value}"`)
  return url.origin
}

/** A boolean written 1, true, 0 or false. */
export function parseFlag(name: SettingName, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined
  if (value === '1' || value === 'true') return true
  if (value === '0' || value === 'false') return false
  throw new SettingError(name, `must be 1 or 0, not "${value}"`)
}

/** A telephone number in E.164 (`+` and up to 15 digits); spaces, dots, hyphens and brackets are dropped. */
export function parseTelephone(name: SettingName, value: string | undefined): string | null {
  if (value === undefined) return null
  const number = value.replace(/[\s().-]/g, '')
  if (!/^\+[1-9]\d{5,14}$/.test(number))
    throw new SettingError(name, `must be a telephone number like +12025550143, not "${value}"`)
  return number
}

/** An address to listen on: an IP address or a host name. */
export function parseHost(name: SettingName, value: string): string {
  if (isIP(value) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,252})$/i.test(value)) return value
  throw new SettingError(name, `must be an address or a host name, not "${value}"`)
}

/** Addresses and networks in CIDR notation, comma-separated. */
export function parseNetworks(name: SettingName, value = ''): string[] {
  const networks = value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  for (const network of networks) {
    const [, address = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(network) ?? []
    const version = isIP(address)
    if (version === 0 || Number(length ?? 0) > (version === 4 ? 32 : 128))
      throw new SettingError(name, `must hold addresses or networks like 10.0.0.0/8, not "${network}"`)
  }
  return networks
}

/** A JSON array whose items satisfy a check; the check returns what is wrong with an item. */
export function parseJsonList<T>(
  name: SettingName,
  value: string | undefined,
  wrong: (item: Record<string, unknown>) => string | undefined,
): T[] {
  if (value === undefined) return []
  let list: unknown
  try {
    list = JSON.parse(value)
  } catch {
    throw new SettingError(name, 'is not JSON')
  }
  if (!Array.isArray(list)) throw new SettingError(name, 'must be a JSON array')
  for (const [index, item] of list.entries()) {
    const problem = typeof item === 'object' && item !== null ? wrong(item as Record<string, unknown>) : 'must be an object'
    if (problem !== undefined) throw new SettingError(name, `item ${index + 1}: ${problem}`)
  }
  return list as T[]
}

/** Whether an address to listen on can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
