import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { BrowserContext } from 'playwright-core'

/** A free UDP port, closed again: for servers that are told their port. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

/** A network between browsers and a server's media port that loses datagrams, both ways alike. */
export class Relay {
  /** Share of the datagrams lost at random, 0 to 1. 1 is a firewall. */
  loss = 0
  relayed = 0
  dropped = 0
  readonly #server: number
  readonly #front = createSocket('udp4')
  readonly #backs = new Map<string, Socket>()
  #seed = 7

  private constructor(server: number) {
    this.#server = server
    this.#front.on('message', (data, from) => {
      const back = this.#back(from)
      if (this.#passes()) back.send(data, this.#server, '127.0.0.1')
    })
  }

  /** Put a relay before a server's media port. */
  static async before(server: number): Promise<Relay> {
    const relay = new Relay(server)
    relay.#front.bind(0, '127.0.0.1')
    await once(relay.#front, 'listening')
    return relay
  }

  /** Send the media of all pages of a context by this relay and no other way. Call it before the page is opened. */
  async carry(context: BrowserContext): Promise<void> {
    await context.addInitScript(redirect, { from: this.#server, to: this.#front.address().port })
  }

  close(): void {
    this.#front.close()
    for (const back of this.#backs.values()) back.close()
  }

  #back(client: RemoteInfo): Socket {
    const key = `${client.address}:${client.port}`
    let back = this.#backs.get(key)
    if (back === undefined) {
      back = createSocket('udp4')
      back.on('error', () => undefined)
      back.on('message', (data) => {
        if (this.#passes()) this.#front.send(data, client.port, client.address)
      })
      back.bind(0, '127.0.0.1')
      this.#backs.set(key, back)
    }
    return back
  }

  /** A linear congruential generator (Numerical Recipes), so that a run of bad luck can be repeated. */
  #passes(): boolean {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0
    const passes = this.#seed / 2 ** 32 >= this.loss
    if (passes) this.relayed += 1
    else this.dropped += 1
    return passes
  }
}

interface Description {
  type: string
  sdp?: string
}
interface Candidate {
  candidate?: string
  sdpMid?: string | null
  sdpMLineIndex?: number | null
}
interface Peer {
  addIceCandidate(candidate?: Candidate | null): Promise<void>
  setRemoteDescription(description: Description): Promise<void>
  createOffer(options?: unknown): Promise<Description>
  createAnswer(): Promise<Description>
}

/** In the page, before its own scripts: the server's address becomes the relay's, and the page's own are kept from the server. */
function redirect({ from, to }: { from: number; to: number }): void {
  const own = (globalThis as unknown as { RTCPeerConnection: { prototype: Peer } }).RTCPeerConnection.prototype
  const { addIceCandidate, setRemoteDescription, createOffer, createAnswer } = own
  const elsewhere = (text = '') => text.replaceAll(` ${from} typ host`, ` ${to} typ host`)
  const bare = ({ type, sdp = '' }: Description) => ({ type, sdp: sdp.replace(/a=candidate:.*\r\n/g, '') })
  own.addIceCandidate = function (given) {
    const { candidate, sdpMid = null, sdpMLineIndex = null } = given ?? {}
    return addIceCandidate.call(this, candidate ? { candidate: elsewhere(candidate), sdpMid, sdpMLineIndex } : given)
  }
  own.setRemoteDescription = function ({ type, sdp }) {
    return setRemoteDescription.call(this, { type, sdp: elsewhere(sdp) })
  }
  own.createOffer = async function (options) {
    return bare(await createOffer.call(this, options))
  }
  own.createAnswer = async function () {
    return bare(await createAnswer.call(this))
  }
  Object.defineProperty(own, 'onicecandidate', { set() {}, get: () => null })
}
