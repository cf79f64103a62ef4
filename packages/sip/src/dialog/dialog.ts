import { parseAddress } from '../message/address.ts'
import { Headers } from '../message/headers.ts'
import type { OutgoingRequest, SipRequest, SipResponse } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'

/** The key a dialog is found by. */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}\n${localTag}\n${remoteTag}`
}

/** All there is to a dialog, in plain values: it can be written down. */
export interface DialogState {
  callId: string
  localTag: string
  remoteTag: string
  /** From and To as this side writes them, tags included. */
  local: string
  remote: string
  remoteTarget: string
  routes: string[]
  localSequence: number
  remoteSequence: number
}

/** A dialog (RFC 3261 section 12), on either side. */
export class Dialog {
  readonly #state: DialogState

  private constructor(state: DialogState) {
    this.#state = state
  }

  /** The dialog of a server that accepts an INVITE. Throws SipParseError when its Contact is missing or unusable. */
  static accept(request: SipRequest, localTag: string): Dialog {
    const contact = parseAddress(request.headers.list('Contact')[0] ?? '', 'Contact')
    parseUri(contact.uri)
    return new Dialog({
      callId: request.callId,
      localTag,
      remoteTag: request.from.params.get('tag') ?? '',
      local: `${request.headers.get('To')};tag=${localTag}`,
      remote: request.headers.get('From') ?? '',
      remoteTarget: contact.uri,
      routes: request.headers.list('Record-Route'),
      localSequence: Math.floor(Math.random() * 10_000) + 1,
      remoteSequence: request.cseq.number,
    })
  }

  /** The dialog of a client whose INVITE was accepted. */
  static confirm(request: OutgoingRequest, response: SipResponse): Dialog {
    const contact = response.headers.list('Contact')[0]
    return new Dialog({
      callId: response.callId,
      localTag: response.from.params.get('tag') ?? '',
      remoteTag: response.to.params.get('tag') ?? '',
      local: response.headers.get('From') ?? '',
      remote: response.headers.get('To') ?? '',
      remoteTarget: contact === undefined ? request.uri : parseAddress(contact, 'Contact').uri,
      routes: response.headers.list('Record-Route').reverse(),
      localSequence: response.cseq.number,
      remoteSequence: 0,
    })
  }

  /** A dialog of an earlier process, as it was last written down. */
  static recall(state: DialogState): Dialog {
    // Requests sent since then had higher numbers.
    return new Dialog({ ...state, localSequence: state.localSequence + 10_000 })
  }

  get state(): DialogState {
    return { ...this.#state }
  }

  get key(): string {
    return dialogKey(this.#state.callId, this.#state.localTag, this.#state.remoteTag)
  }

  get callId(): string {
    return this.#state.callId
  }

  get localTag(): string {
    return this.#state.localTag
  }

  get remoteTarget(): string {
    return this.#state.remoteTarget
  }

  /** Note an incoming request of the dialog; false when it is older than one already seen (section 12.2.2). */
  follow(request: SipRequest): boolean {
    if (request.cseq.number <= this.#state.remoteSequence) return false
    this.#state.remoteSequence = request.cseq.number
    return true
  }

  /** Take the peer's new Contact from a target refresh; an unusable one is ignored. */
  retarget(headers: Headers): void {
    try {
      const contact = headers.list('Contact')[0]
      if (contact !== undefined) this.#state.remoteTarget = parseAddress(contact, 'Contact').uri
    } catch {}
  }

  /** Build the next request of the dialog (section 12.2.1.1). An ACK takes the sequence number it acknowledges. */
  request(
    method: string,
    fields: readonly (readonly [string, string])[] = [],
    body: Buffer = Buffer.alloc(0),
    sequence?: number,
  ): OutgoingRequest {
    const number = sequence ?? ++this.#state.localSequence
    const { remoteTarget, routes, local, remote, callId } = this.#state
    const headers = new Headers()
    for (const route of routes) headers.add('Route', route)
    headers
      .add('Max-Forwards', '70')
      .add('From', local)
      .add('To', remote)
      .add('Call-ID', callId)
      .add('CSeq', `${number} ${method}`)
    for (const [name, value] of fields) headers.add(name, value)
    return { kind: 'request', method, uri: remoteTarget, headers, body }
  }
}
