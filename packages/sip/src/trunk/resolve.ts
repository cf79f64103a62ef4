import { lookup, resolveSrv } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Protocol } from '../transport/flow.ts'

export interface Target {
  host: string
  address: string
  port: number
}

/** Split `host`, `host:port`, `[v6]:port`. Throws TypeError when it is none of them. */
export function splitHost(text: string): { host: string; port: number | undefined } {
  const match = /^(\[[0-9a-f:.]+\]|[^:\s/@]+)(?::(\d{1,5}))?$/i.exec(text.replace(/^sips?:/i, ''))
  if (!match) throw new TypeError(`not a host: ${text}`)
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port: match[2] === undefined ? undefined : Number(match[2]) }
}

/** Where a SIP server is (RFC 3263 in short): the port given, else SRV, else the default port. Rejects when unknown. */
export async function resolveServer(text: string, protocol: Protocol): Promise<Target> {
  const { host, port } = splitHost(text)
  const fallback = protocol === 'tls' ? 5061 : 5060
  if (isIP(host)) return { host, address: host, port: port ?? fallback }
  if (port === undefined) {
    const service = protocol === 'tls' ? `_sips._tcp.${host}` : `_sip._${protocol}.${host}`
    const [record] = (await resolveSrv(service).catch(() => [])).sort((a, b) => a.priority - b.priority || b.weight - a.weight)
    if (record) return { host, address: (await lookup(record.name)).address, port: record.port }
  }
  return { host, address: (await lookup(host)).address, port: port ?? fallback }
}
