import { isIPv4, isIPv6 } from 'node:net'

/**
 * What a limit counts as one sender: an IPv4 address, or the /64 of an IPv6 address, which one subscriber owns whole.
 * IPv4 written as IPv6 (::ffff:192.0.2.1) is IPv4. A text that is no address counts as itself.
 */
export function senderOf(address: string): string {
  return network(address, 32, 64)
}

/** The wider neighbourhood of an address, /24 or /48: what one owner usually has many of. */
export function neighbourhoodOf(address: string): string {
  return network(address, 24, 48)
}

function network(address: string, bits4: 24 | 32, bits6: 48 | 64): string {
  const plain = address.slice(0, 64).split('%', 1)[0]!.toLowerCase()
  if (isIPv4(plain)) return bits4 === 32 ? plain : `${plain.slice(0, plain.lastIndexOf('.'))}.0/24`
  if (!isIPv6(plain)) return plain
  const groups = groupsOf(plain)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) return network(quad(groups[6]!, groups[7]!), bits4, bits6)
  return `${groups
    .slice(0, bits6 / 16)
    .map((group) => group.toString(16))
    .join(':')}::/${bits6}`
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const before = readGroups(head)
  const after = readGroups(tail ?? '')
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function readGroups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number]
    return [a * 256 + b, c * 256 + d]
  })
}

function quad(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
