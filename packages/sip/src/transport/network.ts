/**
 * What stands for whoever sends from an address: IPv4 as it is, IPv6 by its first 64 bits, of which anybody with a
 * connection has all the addresses (RFC 6177).
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [front = '', back] = (address.split('%', 1)[0] ?? '').split('::', 2)
  const head = front === '' ? [] : front.split(':')
  const tail = back === undefined || back === '' ? [] : back.split(':')
  const zeros = back === undefined ? 0 : Math.max(0, 8 - head.length - tail.length)
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
