import { type Flow, hostText, type Protocol, type Transport, type TransportHandler } from './flow.ts'
import { isWildcard, localAddressFor } from './local-address.ts'
import { listenStream, type StreamTransport, type TlsSettings } from './stream.ts'
import { listenUdp, type UdpTransport } from './udp.ts'

/** Where to listen. Port 0 takes a free one; a transport that is left out is off. */
export interface ListenOptions {
  /** Address to bind; default all IPv4 addresses. */
  address?: string
  udp?: number
  tcp?: number
  tls?: number
}

/** The listening sockets of one server. */
export class Listeners {
  readonly #udp: UdpTransport | undefined
  readonly #tcp: StreamTransport | undefined
  readonly #tls: StreamTransport | undefined
  readonly #bound: string
  readonly #public: string | undefined
  readonly #locals = new Map<string, string>()

  private constructor(
    bound: string,
    publicAddress: string | undefined,
    udp: UdpTransport | undefined,
    tcp: StreamTransport | undefined,
    tls: StreamTransport | undefined,
  ) {
    this.#bound = bound
    this.#public = publicAddress
    this.#udp = udp
    this.#tcp = tcp
    this.#tls = tls
  }

  /** Open them all, or none. Rejects when a port cannot be had. */
  static async open(
    options: ListenOptions,
    handler: TransportHandler,
    tls: TlsSettings | undefined,
    publicAddress: string | undefined,
  ): Promise<Listeners> {
    const address = options.address ?? '0.0.0.0'
    if (options.tls !== undefined && !tls) throw new TypeError('SIP over TLS needs a certificate and key')
    const opened: Transport[] = []
    const keep = <Kind extends Transport>(transport: Kind): Kind => {
      opened.push(transport)
      return transport
    }
    try {
      const udp = options.udp === undefined ? undefined : keep(await listenUdp(handler, address, options.udp))
      const tcp = options.tcp === undefined ? undefined : keep(await listenStream(handler, address, options.tcp))
      const secure = options.tls === undefined ? undefined : keep(await listenStream(handler, address, options.tls, tls))
      return new Listeners(address, publicAddress, udp, tcp, secure)
    } catch (error) {
      await Promise.all(opened.map((transport) => transport.close()))
      throw error
    }
  }

  /** The port of a protocol, or nothing when it is off. */
  port(protocol: Protocol): number | undefined {
    return this.#of(protocol)?.port
  }

  #of(protocol: Protocol): Transport | undefined {
    return protocol === 'udp' ? this.#udp : protocol === 'tcp' ? this.#tcp : this.#tls
  }

  /** Our address as a peer sees it. */
  async addressTowards(remote: string): Promise<string> {
    if (this.#public !== undefined) return this.#public
    if (!isWildcard(this.#bound)) return this.#bound
    const known = this.#locals.get(remote)
    if (known !== undefined) return known
    const address = await localAddressFor(remote)
    if (this.#locals.size > 1_000) this.#locals.clear()
    this.#locals.set(remote, address)
    return address
  }

  /** `host:port` for Via and Contact over a protocol. */
  async sentBy(protocol: Protocol, remote: string): Promise<string> {
    return `${hostText(await this.addressTowards(remote))}:${this.port(protocol) ?? 0}`
  }

  /** A flow to a peer. Rejects when the protocol is off or the peer cannot be reached. */
  async connect(protocol: Protocol, address: string, port: number, host?: string): Promise<Flow> {
    if (protocol === 'udp' && this.#udp) return this.#udp.flowTo(address, port)
    const transport = protocol === 'tcp' ? this.#tcp : this.#tls
    if (protocol === 'udp' || !transport) throw new Error(`SIP over ${protocol} is off`)
    return transport.connect(address, port, host)
  }

  async close(): Promise<void> {
    await Promise.all([this.#udp, this.#tcp, this.#tls].map((transport) => transport?.close()))
  }
}
