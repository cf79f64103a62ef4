import { lookup } from 'node:dns/promises'
import { BlockList, isIP, isIPv4 } from 'node:net'

/** An address that notifications may not go to, or that is none; the message says why. */
export class AddressError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AddressError'
  }
}

export interface Target {
  url: URL
  /** What the name stood for when it was checked; the connection goes exactly there. */
  address: string
  family: 4 | 6
}

export type Resolve = (hostname: string) => Promise<{ address: string; family: number }[]>

const maxLength = 2_048
const closed = new BlockList()
for (const subnet of [
  ...[
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
  ],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
])
  closed.addSubnet(...cut(subnet), 'ipv4')
// Of IPv6 only 2000::/3 is public, and in it these are not: translations and tunnels would hide an IPv4 address.
for (const subnet of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']) closed.addSubnet(...cut(subnet), 'ipv6')
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

/** Whether an IP address belongs to the public internet. */
export function isPublic(address: string): boolean {
  const plain = mappedIPv4(address) ?? address
  if (isIPv4(plain)) return !closed.check(plain, 'ipv4')
  return isIP(plain) === 6 && global6.check(plain, 'ipv6') && !closed.check(plain, 'ipv6')
}

/** Whether an IP address is this machine itself. */
function isLoopback(address: string): boolean {
  const plain = mappedIPv4(address) ?? address
  return isIPv4(plain) ? plain.startsWith('127.') : plain === '::1'
}

/** Read a notification address. Throws AddressError unless it is https (or http, which only a loopback address may have). */
export function parseAddress(text: string): URL {
  const url = URL.canParse(text) && text.length <= maxLength ? new URL(text) : undefined
  if (url === undefined) throw new AddressError('must be an absolute https address')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new AddressError('must be an https address')
  if (url.username !== '' || url.password !== '') throw new AddressError('must not hold a user name or a password')
  if (url.hash !== '') throw new AddressError('must not have a fragment')
  return url
}

/**
 * Look a name up, check every address it stands for, and pin one: whatever the name says a moment later, the connection
 * goes where was checked. `allowPrivate` opens private addresses, and loopback over http. Throws AddressError.
 */
export async function resolveTarget(url: URL, options: { allowPrivate: boolean; resolve?: Resolve }): Promise<Target> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const found = isIP(hostname) === 0 ? await look(hostname, options.resolve) : [{ address: hostname, family: isIP(hostname) }]
  const first = found[0]
  if (first === undefined) throw new AddressError('the host name has no address')
  if (!options.allowPrivate && found.some(({ address }) => !isPublic(address)))
    throw new AddressError('leads to an address that is not public')
  if (url.protocol === 'http:' && !(options.allowPrivate && found.every(({ address }) => isLoopback(address))))
    throw new AddressError('must be an https address')
  return { url, address: first.address, family: first.family === 6 ? 6 : 4 }
}

async function look(hostname: string, resolve: Resolve = (name) => lookup(name, { all: true, verbatim: true })) {
  try {
    return await resolve(hostname)
  } catch {
    throw new AddressError('the host name could not be looked up')
  }
}

function mappedIPv4(address: string): string | undefined {
  const dotted = /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (dotted !== null) return dotted[1]
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address)
  if (hex === null) return undefined
  const [high, low] = [Number.parseInt(hex[1]!, 16), Number.parseInt(hex[2]!, 16)]
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

function cut(subnet: string): [string, number] {
  const [network, prefix] = subnet.split('/')
  return [network!, Number(prefix)]
}
